using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ApiKeys.Server.Tests.Gateways;

/// <summary>The API behind a gateway. It answers everything with 200, or with <c>?refuse=403</c>, and knows what has come to it.</summary>
public sealed class Upstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Arrived> _arrived = new();

    private Upstream()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(async context =>
        {
            var request = context.Request;
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            _arrived.Enqueue(new Arrived(
                request.Method,
                context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
                request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                body.ToArray(),
                context.Connection.Id));
            if (int.TryParse(request.Query["refuse"], out var status))
                await RefuseAsync(context.Response, status);
        });
    }

    /// <summary>Such as 127.0.0.1:3000.</summary>
    public string Address => _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single()["http://".Length..];

    public static async Task<Upstream> StartAsync()
    {
        var upstream = new Upstream();
        await upstream._app.StartAsync();
        return upstream;
    }

    /// <summary>What has come since it was last asked.</summary>
    public IReadOnlyList<Arrived> TakeArrived()
    {
        var taken = new List<Arrived>();
        while (_arrived.TryDequeue(out var arrived))
            taken.Add(arrived);

        return taken;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>For reasons of its own.</summary>
    private static Task RefuseAsync(HttpResponse response, int status)
    {
        response.StatusCode = status;
        response.Headers.WWWAuthenticate = "Basic realm=\"api\"";
        response.Headers.RetryAfter = "77";
        response.ContentType = "text/plain";
        return response.WriteAsync($"No: {status}");
    }
}

/// <summary>A request as the API got it.</summary>
/// <param name="Method">As in the request line.</param>
/// <param name="Target">As in the request line.</param>
/// <param name="Headers">Several values with commas between.</param>
/// <param name="Body">Its bytes.</param>
/// <param name="Connection">By which connection it came.</param>
public sealed record Arrived(string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body, string Connection)
{
    /// <summary>Empty where it is not there.</summary>
    public string Header(string name) => Headers.GetValueOrDefault(name, "");
}
