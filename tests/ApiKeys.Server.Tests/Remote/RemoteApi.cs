using System.Net;
using ApiKeys.AspNetCore;
using ApiKeys.AspNetCore.Remote;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ApiKeys.Server.Tests.Remote;

/// <summary>Somebody else's API, which knows nothing but the package and where the service is.</summary>
internal sealed class RemoteApi : IAsyncDisposable
{
    private const string AddressHeader = "X-Test-Address";

    private readonly WebApplication _app;

    private RemoteApi(WebApplication app, Wire wire, TestLogs logs) => (_app, Wire, Logs) = (app, wire, logs);

    public Wire Wire { get; }

    public TestLogs Logs { get; }

    public RememberedAnswers Answers => ((RemoteApiKeyVerifier)_app.Services.GetRequiredService<IApiKeyVerifier>()).Answers;

    /// <param name="service">The service.</param>
    /// <param name="credential">What it asks with.</param>
    /// <param name="hasStream">Whether it hears of changes.</param>
    /// <param name="keepSeconds">The option.</param>
    /// <param name="clock">Its monotonic clock; null for the machine's.</param>
    public static async Task<RemoteApi> StartAsync(
        Fixtures.TestServer service, string credential, bool hasStream = true, int keepSeconds = 0, MonotonicClock? clock = null)
    {
        var (wire, logs) = (new Wire(service.Server.CreateHandler()) { HasNoStream = !hasStream }, new TestLogs());
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(logs);
        if (clock is not null)
            builder.Services.AddSingleton(clock);

        builder.Services.AddAuthentication().AddApiKeys(options =>
        {
            options.Address = new Uri("http://service");
            options.Credential = credential;
            options.KeepSeconds = keepSeconds;
            options.BackchannelHttpHandler = wire;
        });
        builder.Services.AddAuthorization();
        var app = builder.Build();
        app.Use((context, next) =>
        {
            if (context.Request.Headers[AddressHeader] is [{ } address])
                context.Connection.RemoteIpAddress = IPAddress.Parse(address);

            return next(context);
        });
        app.UseApiKeys();
        app.MapGet("/incidents", () => new { incidents = 2 }).RequireScope("incidents:read");
        app.MapGet("/search", () => new { found = 0 }).RequireScope("search:read");
        app.MapGet("/whoami", (HttpContext context) => context.User.Claims.Select(claim => $"{claim.Type}={claim.Value}")).RequireApiKey();
        await app.StartAsync();
        var api = new RemoteApi(app, wire, logs);
        if (hasStream)
            await Eventually.TrueAsync(() => api.Answers.HoldsLease, () => string.Join('\n', logs.Lines));

        return api;
    }

    public async Task<HttpResponseMessage> CallAsync(
        string? apiKey, string path = "/incidents", string? from = null, CancellationToken cancellationToken = default)
    {
        using var client = _app.GetTestClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (apiKey is not null)
            request.Headers.TryAddWithoutValidation(ApiKeyDefaults.HeaderName, apiKey);

        if (from is not null)
            request.Headers.Add(AddressHeader, from);

        return await client.SendAsync(request, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
