using ApiKeys.Server.Database.EmbeddedPostgres;
using Npgsql;

namespace ApiKeys.Server.Database;

/// <summary>The PostgreSQL that the configuration names, or the embedded one where it names none.</summary>
internal sealed class DatabaseServer : IAsyncDisposable
{
    private const int TimeoutSeconds = 10;

    private readonly EmbeddedPostgresServer? _embedded;

    private DatabaseServer(string connectionString, EmbeddedPostgresServer? embedded)
    {
        ConnectionString = connectionString;
        _embedded = embedded;
    }

    public string ConnectionString { get; }

    /// <param name="configured">A connection string; null or empty for the embedded PostgreSQL.</param>
    /// <param name="options">For the embedded one.</param>
    /// <param name="logger">For the embedded one.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="DatabaseStartException">The connection string cannot be read, or there is no PostgreSQL to embed.</exception>
    public static async Task<DatabaseServer> OpenAsync(
        string? configured, EmbeddedPostgresOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(configured))
            return new DatabaseServer(Read(configured), embedded: null);

        var embedded = await EmbeddedPostgresServer.StartAsync(options, logger, cancellationToken);
        return new DatabaseServer(embedded.ConnectionString, embedded);
    }

    public ValueTask DisposeAsync() => _embedded?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static string Read(string configured)
    {
        try
        {
            var read = new NpgsqlConnectionStringBuilder(configured);
            if (string.IsNullOrWhiteSpace(read.Host))
                throw new DatabaseStartException("ConnectionStrings__ApiKeys names no Host.");

            // A database that hangs is told as one that is away, and soon.
            if (!read.ShouldSerialize("Timeout"))
                read.Timeout = TimeoutSeconds;
            if (!read.ShouldSerialize("Command Timeout"))
                read.CommandTimeout = TimeoutSeconds;

            return read.ConnectionString;
        }
        catch (ArgumentException exception)
        {
            throw new DatabaseStartException($"ConnectionStrings__ApiKeys is no connection string: {exception.Message}");
        }
    }
}
