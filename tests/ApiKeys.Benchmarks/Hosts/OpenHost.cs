using ApiKeys.Server.Http;
using ApiKeys.Server.SampleApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ApiKeys.Benchmarks.Hosts;

/// <summary>
/// What others are measured against: a minimal API without authentication and without a log. <see cref="Plain"/> does as little as an
/// endpoint can; <see cref="Incidents"/> answers what the sample's endpoint
/// does; for the others see <see cref="OpenAnswers"/>.
/// </summary>
internal static class OpenHost
{
    public const string Verb = "serve-open";
    public const string Plain = "/plain";
    public const string Incidents = "/api/v1/incidents";
    public const string Verify = "/api/v1/api-keys/verify";
    public const string Introspect = "/oauth2/introspect";

    public static async Task RunAsync(string[] arguments)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = arguments, ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false); // as the product
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<SecurityOperations>();
        builder.Services.ConfigureHttpJsonOptions(options => JsonSetup.Configured(options.SerializerOptions));

        await using var app = builder.Build();
        MapPlain(app);
        app.MapGet(Incidents, (SecurityOperations soc) => TypedResults.Ok(soc.Incidents));
        OpenAnswers.Map(app);
        await ServeAsync(app);
    }

    public static RouteHandlerBuilder MapPlain(IEndpointRouteBuilder routes) => routes.MapGet(Plain, () => "plain");

    /// <summary>Serves until it is told to stop, having said where.</summary>
    public static async Task ServeAsync(WebApplication app)
    {
        await app.StartAsync();
        Console.WriteLine($"Listening on {string.Join(' ', app.Urls)}");
        await app.WaitForShutdownAsync();
    }
}
