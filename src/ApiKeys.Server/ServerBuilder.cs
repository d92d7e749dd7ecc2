using System.Text;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Bootstrap;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Console;
using ApiKeys.Server.Database;
using ApiKeys.Server.Database.EmbeddedPostgres;
using ApiKeys.Server.Http;
using ApiKeys.Server.Http.OpenApi;
using ApiKeys.Server.Keys;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.Members;
using ApiKeys.Server.Organizations;
using ApiKeys.Server.SampleApi;
using ApiKeys.Server.Verification;
using ApiKeys.Server.Verification.Gateway;
using ApiKeys.Server.Verification.Nodes;
using ApiKeys.Server.Verification.RateLimits;
using ApiKeys.Server.Verification.Usage;
using FluentValidation;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Npgsql;

namespace ApiKeys.Server;

/// <summary>What the host is made of, for serving and for commands alike.</summary>
internal static class ServerBuilder
{
    private const string DefaultUrl = "http://localhost:5080";

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
        var errors = new List<string>();
        var policy = Read<KeyPolicy>(builder.Configuration, KeyPolicy.SectionName, settings => settings.Errors(), errors);
        var postgres = Read<EmbeddedPostgresOptions>(
            builder.Configuration, EmbeddedPostgresOptions.SectionName, settings => settings.Errors(), errors);
        var lookup = Read<LookupOptions>(builder.Configuration, LookupOptions.SectionName, settings => settings.Errors(), errors);
        var limits = Read<RateLimitOptions>(builder.Configuration, RateLimitOptions.SectionName, settings => settings.Errors(), errors);
        var usage = Read<UsageOptions>(builder.Configuration, UsageOptions.SectionName, settings => settings.Errors(), errors);
        var gateway = Read<GatewayOptions>(builder.Configuration, GatewayOptions.SectionName, settings => settings.Errors(), errors);
        var console = Read<ConsoleOptions>(builder.Configuration, ConsoleOptions.SectionName, settings => settings.Errors(), errors);
        errors.AddRange(LiveCatalog.AddFile(builder.Configuration));
        var catalog = CatalogConfiguration.Load(builder.Configuration, errors);
        var proxies = TrustedProxies.Load(builder.Configuration, errors);
        errors.AddRange(SampleEndpoints.Errors(builder.Configuration));
        if (errors.Count > 0)
            throw new ConfigurationException(errors);

        var loggers = Logs.FactoryOf(CreateLog(builder, forCommand));
        builder.Services.AddSingleton<ILoggerFactory>(_ => loggers);

        var database = await DatabaseServer.OpenAsync(
            builder.Configuration.GetConnectionString("ApiKeys"), postgres, loggers.CreateLogger<DatabaseServer>(), cancellationToken);

        builder.WebHost.ConfigureKestrel(ConfigureKestrel);
        if (!HasAddress(builder.Configuration))
            builder.WebHost.UseUrls(DefaultUrl);

        builder.Services
            .AddSingleton(TimeProvider.System)
            .AddSingleton(policy)
            .AddSingleton(proxies)
            .AddSingleton(provider => new LiveCatalog(
                catalog, builder.Configuration, [.. builder.Configuration.Sources], provider.GetRequiredService<ILogger<LiveCatalog>>()))
            .AddScoped(provider => provider.GetRequiredService<LiveCatalog>().Current) // the same through one request
            .AddDatabase(database)
            .AddHttp()
            .AddLookup(lookup, database.ConnectionString)
            .AddVerification(limits, usage, gateway)
            .AddManagement()
            .AddConsole(console)
            .AddExceptionHandler<ProblemResponses>() // after the console's, which takes its own
            .AddSampleApi()
            .AddOpenApiDocument();
        return database;
    }

    private static Serilog.Core.Logger CreateLog(WebApplicationBuilder builder, bool forCommand)
    {
        try
        {
            return Logs.Create(builder.Configuration, builder.Environment.IsDevelopment(), toStandardError: forCommand);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            throw new ConfigurationException([$"Serilog: {exception.Message}"]);
        }
    }

    /// <summary>A section and what is wrong with it: what cannot be read at all, and what its own rules say.</summary>
    private static T Read<T>(ConfigurationManager configuration, string section, Func<T, IEnumerable<string>> rules, List<string> errors)
        where T : new()
    {
        try
        {
            var settings = configuration.GetSection(section).Get<T>() ?? new T();
            errors.AddRange(rules(settings));
            return settings;
        }
        catch (InvalidOperationException exception)
        {
            errors.Add(exception.Message);
            return new T();
        }
    }

    private static IServiceCollection AddDatabase(this IServiceCollection services, DatabaseServer database)
    {
        services.AddSingleton(_ => Primary.Connect(database.ConnectionString));
        services.AddPooledDbContextFactory<ApiKeysDbContext>(
            (provider, options) => options.UseApiKeysPostgres(provider.GetRequiredService<NpgsqlDataSource>()));
        services.AddSingleton<SchemaMigrator>();
        services.AddHealthChecks().AddCheck<DatabaseHealth>("database", timeout: TimeSpan.FromSeconds(4));
        return services;
    }

    private static IServiceCollection AddHttp(this IServiceCollection services) => services
        .Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true)
        .ConfigureHttpJsonOptions(options => JsonSetup.Configured(options.SerializerOptions));

    private static IServiceCollection AddVerification(this IServiceCollection services, RateLimitOptions limits, UsageOptions usage, GatewayOptions gateway)
    {
        services.AddAuthentication(ApiKeyDefaults.AuthenticationScheme).AddApiKeys();
        services.AddAuthorization();
        return services
            .AddSingleton<IApiKeyVerifier, KeyVerifier>()
            .AddSingleton<SessionVerifier>()
            .AddSingleton(limits)
            .AddSingleton<IAllowanceStore, PostgresAllowanceStore>()
            .AddSingleton<RateLimiter>()
            .AddHostedService(provider => provider.GetRequiredService<RateLimiter>())
            .AddSingleton<FailedAttempts>()
            .AddSingleton(gateway)
            .AddSingleton<Terms>()
            .AddSingleton(usage)
            .AddSingleton<UsageLog>()
            .AddSingleton<UsageWriter>()
            .AddHostedService(provider => provider.GetRequiredService<UsageWriter>());
    }

    private static IServiceCollection AddLookup(this IServiceCollection services, LookupOptions options, string connectionString)
    {
        services.AddHealthChecks().AddCheck<NotificationsHealth>("notifications");
        return services
            .AddSingleton(options)
            .AddSingleton<MonotonicClock>()
#pragma warning disable RS0030 // for pauses, which are no secret
            .AddSingleton(Random.Shared)
#pragma warning restore RS0030
            .AddSingleton<Lease>()
            .AddSingleton<LeaseOptions>(options)
            .AddSingleton<KeyCache>()
            .AddSingleton<INodeMemory>(provider => provider.GetRequiredService<KeyCache>())
            .AddSingleton<UnknownKeys>()
            .AddSingleton<SnapshotParts>()
            .AddSingleton<IKeySource, DatabaseKeySource>()
            .AddSingleton<KeyLookup>()
            .AddSingleton(_ => new NodeDatabase(connectionString, options))
            .AddSingleton<IClusterStore, PostgresNodeStore>()
            .AddSingleton<INodeStore>(provider => provider.GetRequiredService<IClusterStore>())
            .AddSingleton<Node>()
            .AddSingleton<RevocationBarrier>()
            .AddSingleton<InvalidationFeed>()
            .AddSingleton<Notifications>()
            .AddSingleton<CleanUp>()
            .AddHostedService<NodeService>()
            .AddHostedService<CatalogNews>();
    }

    private static IServiceCollection AddManagement(this IServiceCollection services) => services
        .AddScoped<AuditTrail>()
        .AddScoped<OperatorKeys>()
        .AddScoped<PlanLimit>()
        .AddScoped<OwnOrganization>()
        .AddScoped<KeyRotation>()
        .AddScoped<IValidator<CreateKey.Request>, CreateKey.Validator>()
        .AddScoped<IValidator<UpdateKey.Request>, UpdateKey.Validator>()
        .AddScoped<IValidator<RotateKey.Request>, RotateKey.Validator>()
        .AddScoped<IValidator<RotateMe.Request>, RotateMe.Validator>()
        .AddScoped<IValidator<RevokeKey.Query>, RevokeKey.Validator>()
        .AddScoped<IValidator<ListKeys.Query>, ListKeys.Validator>()
        .AddScoped<IValidator<ListCatalog.Query>, ListCatalog.Validator>()
        .AddScoped<IValidator<CreateMember.Request>, CreateMember.Validator>()
        .AddScoped<IValidator<UpdateMember.Request>, UpdateMember.Validator>()
        .AddScoped<IValidator<ListMembers.Query>, ListMembers.Validator>()
        .AddScoped<IValidator<CreateOrganization.Request>, CreateOrganization.Validator>()
        .AddScoped<IValidator<UpdateOrganization.Request>, UpdateOrganization.Validator>()
        .AddScoped<IValidator<ListOrganizations.Query>, ListOrganizations.Validator>()
        .AddScoped<IValidator<ListAuditEvents.Query>, ListAuditEvents.Validator>();

    private static IServiceCollection AddSampleApi(this IServiceCollection services) => services
        .AddSingleton<SecurityOperations>()
        .AddSingleton<IValidator<SampleEndpoints.MessageRequest>, SampleEndpoints.MessageValidator>();

    private static void ConfigureKestrel(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1; // any bytes are a key: an invalid one
        kestrel.Limits.MaxRequestBodySize = BodiesFirst.MaxBytes;
    }

    private static bool HasAddress(ConfigurationManager configuration) =>
        (configuration["urls"] ?? configuration["http_ports"] ?? configuration["https_ports"]) is not null
        || configuration.GetSection("Kestrel:Endpoints").Exists();
}
