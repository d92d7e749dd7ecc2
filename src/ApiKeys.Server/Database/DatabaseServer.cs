using ApiKeys.Server.Database.EmbeddedPostgres;
using Npgsql;

namespace ApiKeys.Server.Database;

/// <summary>The PostgreSQL that the configuration names, or the embedded one where it names none.</summary>
internal sealed class DatabaseServer : IAsyncDisposable
{
    private readonly EmbeddedPostgresServer? _embedded;

    private DatabaseServer(string connectionString, EmbeddedPostgresServer? embedded)
    {
        ConnectionString = connectionString;
        _embedded = embedded;
    }

    public string ConnectionString { get; }

    /// <exception cref="EmbeddedPostgresException">There is no connection string and no PostgreSQL to embed.</exception>
    /// <exception cref="ArgumentException">The connection string cannot be read.</exception>
    public static async Task<DatabaseServer> OpenAsync(
        IConfiguration configuration, ILogger logger, CancellationToken cancellationToken)
    {
        if (configuration.GetConnectionString("ApiKeys") is { Length: > 0 } configured)
            return new DatabaseServer(new NpgsqlConnectionStringBuilder(configured).ConnectionString, embedded: null);

        var options = configuration.GetSection(EmbeddedPostgresOptions.SectionName).Get<EmbeddedPostgresOptions>() ?? new();
        var embedded = await EmbeddedPostgresServer.StartAsync(options, logger, cancellationToken);
        return new DatabaseServer(embedded.ConnectionString, embedded);
    }

    public ValueTask DisposeAsync() => _embedded?.DisposeAsync() ?? ValueTask.CompletedTask;
}
