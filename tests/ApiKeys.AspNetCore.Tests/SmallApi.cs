using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ApiKeys.AspNetCore.Tests;

/// <summary>An API of few lines, in which every key is good and holds <c>a:read</c>.</summary>
internal sealed class SmallApi : IAsyncDisposable
{
    private readonly WebApplication _api;

    private SmallApi(WebApplication api) => _api = api;

    /// <param name="addSchemes">With the default scheme that it wants; authorization comes after.</param>
    /// <param name="map">Its endpoints.</param>
    public static async Task<SmallApi> StartAsync(Action<IServiceCollection> addSchemes, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Services.AddSingleton<IApiKeyVerifier>(new AnsweringVerifier { Answer = Keys.Accepted("a:read") });
        addSchemes(builder.Services);
        builder.Services.AddAuthorization();
        var api = builder.Build();
        map(api);
        await api.StartAsync();
        return new SmallApi(api);
    }

    /// <summary>With API keys alone.</summary>
    public static Task<SmallApi> StartAsync(Action<WebApplication> map) => StartAsync(services => services.AddApiKeyScheme(), map);

    public async Task<HttpResponseMessage> SendAsync(string path, string? key = "value", params string[] headers)
    {
        using var client = _api.GetTestClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (key is not null)
            request.Headers.Add(ApiKeyDefaults.HeaderName, key);

        foreach (var header in headers)
            request.Headers.Add(header, "1");

        return await client.SendAsync(request);
    }

    public async Task<string> TextAsync(string path, params string[] headers) =>
        await (await SendAsync(path, headers: headers)).EnsureSuccessStatusCode().Content.ReadAsStringAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();
}

internal static class SmallApiSchemes
{
    public static AuthenticationBuilder AddApiKeyScheme(this IServiceCollection services) =>
        services.AddAuthentication(ApiKeyDefaults.AuthenticationScheme).AddApiKeys();
}
