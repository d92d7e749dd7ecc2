using ApiKeys.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ApiKeys.Benchmarks.Hosts;

/// <summary>The plain endpoint of <see cref="OpenHost"/> behind a scope in somebody else's API: the package, and the service by HTTP.</summary>
internal static class PackageHost
{
    public const string Verb = "serve-package";
    public const string Section = "ApiKeys";

    public static async Task RunAsync(string[] arguments)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = arguments, ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddAuthentication().AddApiKeys(options => builder.Configuration.Bind(Section, options));
        builder.Services.AddAuthorization();

        await using var app = builder.Build();
        app.UseApiKeys();
        OpenHost.MapPlain(app).RequireScope(KeysHost.Scope);
        await OpenHost.ServeAsync(app);
    }
}
