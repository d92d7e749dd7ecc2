using ApiKeys.AspNetCore;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Bootstrap;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Http.OpenApi;
using ApiKeys.Server.Keys;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.SampleApi;
using ApiKeys.Server.Verification;
using ApiKeys.Server.Verification.Usage;
using FluentValidation;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Npgsql;
using Serilog.Extensions.Logging;

namespace ApiKeys.Server;

/// <summary>What the host is made of, for serving and for commands alike.</summary>
internal static class ServerBuilder
{
    private const string DefaultUrl = "http://localhost:5080";
    private const int MaxRequestBodyBytes = 64 * 1024;

    /// <summary>Settings come from beside the program, whatever folder it was started in.</summary>
    public static WebApplicationBuilder Create(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        if (SampleEndpoints.AreEnabled(builder.Configuration))
            builder.Configuration.Sources.Insert(0, SampleEndpoints.Catalog);

        return builder;
    }

    /// <returns>The database, to be let go after the host has stopped.</returns>
    public static async Task<DatabaseServer> AddServerAsync(
        this WebApplicationBuilder builder, bool forCommand, CancellationToken cancellationToken)
    {
        var policy = builder.Configuration.GetSection(KeyPolicy.SectionName).Get<KeyPolicy>() ?? new KeyPolicy();
        if (policy.Errors().ToList() is { Count: > 0 } errors)
            throw new ConfigurationException(errors);

        var catalog = CatalogConfiguration.Load(builder.Configuration);

        var serilog = Logs.Create(builder.Configuration, builder.Environment.IsDevelopment(), toStandardError: forCommand);
        var loggers = new SerilogLoggerFactory(serilog, dispose: true);
        builder.Services.AddSingleton<ILoggerFactory>(loggers);

        var database = await OpenDatabaseAsync(builder, loggers, cancellationToken);

        builder.WebHost.ConfigureKestrel(ConfigureKestrel);
        if (!HasAddress(builder.Configuration))
            builder.WebHost.UseUrls(DefaultUrl);

        builder.Services
            .AddSingleton(TimeProvider.System)
            .AddSingleton(policy)
            .AddSingleton(catalog)
            .AddDatabase(database)
            .AddHttp()
            .AddVerification()
            .AddManagement()
            .AddSampleApi()
            .AddOpenApiDocument();
        return database;
    }

    private static async Task<DatabaseServer> OpenDatabaseAsync(
        WebApplicationBuilder builder, SerilogLoggerFactory loggers, CancellationToken cancellationToken)
    {
        try
        {
            return await DatabaseServer.OpenAsync(builder.Configuration, loggers.CreateLogger<DatabaseServer>(), cancellationToken);
        }
        catch (ArgumentException exception)
        {
            throw new ConfigurationException([$"ConnectionStrings__ApiKeys is no connection string: {exception.Message}"]);
        }
    }

    private static IServiceCollection AddDatabase(this IServiceCollection services, DatabaseServer database)
    {
        services.AddSingleton(NpgsqlDataSource.Create(database.ConnectionString));
        services.AddPooledDbContextFactory<ApiKeysDbContext>(
            (provider, options) => options.UseApiKeysPostgres(provider.GetRequiredService<NpgsqlDataSource>()));
        services.AddSingleton<SchemaMigrator>();
        services.AddHealthChecks().AddCheck<DatabaseHealth>("database", timeout: TimeSpan.FromSeconds(5));
        return services;
    }

    private static IServiceCollection AddHttp(this IServiceCollection services) => services
        .AddHttpContextAccessor()
        .AddScoped(provider => Caller.Of(provider.GetRequiredService<IHttpContextAccessor>().HttpContext!))
        .AddExceptionHandler<ProblemResponses>()
        .Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true)
        .ConfigureHttpJsonOptions(options => JsonSetup.Configured(options.SerializerOptions));

    private static IServiceCollection AddVerification(this IServiceCollection services)
    {
        services.AddAuthentication(ApiKeyDefaults.AuthenticationScheme).AddApiKeys();
        services.AddAuthorization();
        return services
            .AddSingleton<KeyLookup>()
            .AddSingleton<IApiKeyVerifier, KeyVerifier>()
            .AddSingleton<LastUse>()
            .AddSingleton<LastUseWriter>()
            .AddHostedService(provider => provider.GetRequiredService<LastUseWriter>());
    }

    private static IServiceCollection AddManagement(this IServiceCollection services) => services
        .AddScoped<AuditTrail>()
        .AddScoped<OperatorKeys>()
        .AddSingleton<IValidator<CreateKey.Request>, CreateKey.Validator>()
        .AddSingleton<IValidator<ListKeys.Query>, ListKeys.Validator>()
        .AddSingleton<IValidator<RotateKey.Request>, RotateKey.Validator>()
        .AddSingleton<IValidator<RevokeKey.Query>, RevokeKey.Validator>();

    private static IServiceCollection AddSampleApi(this IServiceCollection services) => services
        .AddSingleton<SecurityOperations>()
        .AddSingleton<IValidator<SampleEndpoints.MessageRequest>, SampleEndpoints.MessageValidator>();

    private static void ConfigureKestrel(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxRequestBodyBytes;
    }

    private static bool HasAddress(ConfigurationManager configuration) =>
        (configuration["urls"] ?? configuration["http_ports"] ?? configuration["https_ports"]) is not null
        || configuration.GetSection("Kestrel:Endpoints").Exists();
}
