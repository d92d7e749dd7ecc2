using ApiKeys.AspNetCore;
using ApiKeys.Server;
using ApiKeys.Server.Bootstrap;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ApiKeys.Benchmarks.Hosts;

/// <summary>
/// The plain endpoint of <see cref="OpenHost"/> behind a scope: the product's own registrations (scheme, verifier, lookup, lease,
/// database), and in the pipeline what the README says.
/// </summary>
internal static class KeysHost
{
    public const string Verb = "serve-keys";
    public const string BareVerb = "serve-keys-bare";
    public const string Scope = "incidents:read";

    /// <param name="arguments">Of the host.</param>
    /// <param name="isBare">Whether keys have no limit and their uses are not noted: <see cref="BareVerifier"/>.</param>
    public static async Task RunAsync(string[] arguments, bool isBare)
    {
        var builder = ServerBuilder.Create(arguments);
        await using var database = await builder.AddServerAsync(forCommand: false, CancellationToken.None);
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        if (isBare)
            builder.Services.Replace(ServiceDescriptor.Singleton<IApiKeyVerifier, BareVerifier>());

        await using var app = builder.Build();
        await StartUp.MigrateAsync(app, CancellationToken.None);
        app.UseApiKeys();
        OpenHost.MapPlain(app).RequireScope(Scope);
        await OpenHost.ServeAsync(app);
    }
}
