using ApiKeys.Server.Database;
using ApiKeys.Server.Database.EmbeddedPostgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ApiKeys.Benchmarks;

/// <summary>
/// A private PostgreSQL with the host's own settings; where nothing is measured that writes, it does not wait for the disk, and fills
/// faster so. Reached by a unix socket only; it is gone when this process is, however that one ended.
/// </summary>
internal sealed class BenchCluster : IAsyncDisposable
{
    private readonly EmbeddedPostgresServer _server;
    private readonly DirectoryInfo _folder;
    private readonly bool _isKept;

    private BenchCluster(EmbeddedPostgresServer server, DirectoryInfo folder, bool isKept)
    {
        _server = server;
        _folder = folder;
        _isKept = isKept;
    }

    private static readonly Dictionary<string, string> NotDurable = new()
    {
        ["fsync"] = "off",
        ["full_page_writes"] = "off",
        ["max_wal_size"] = "4GB",
    };

    /// <param name="kept">A folder that stays, and may hold a cluster already; null for one that is removed.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static Task<BenchCluster> StartAsync(string? kept, CancellationToken cancellationToken) =>
        StartAsync(kept, NotDurable, cancellationToken);

    /// <summary>Does not wait for the disk.</summary>
    /// <param name="name">Of one more setting.</param>
    /// <param name="value">Its value.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static Task<BenchCluster> StartWithAsync(string name, string value, CancellationToken cancellationToken) =>
        StartAsync(kept: null, new Dictionary<string, string>(NotDurable) { [name] = value }, cancellationToken);

    /// <summary>A commit is on the disk when it is answered; and one can ask when it was.</summary>
    public static Task<BenchCluster> StartDurableAsync(CancellationToken cancellationToken) => StartAsync(
        kept: null,
        new() { ["fsync"] = "on", ["synchronous_commit"] = "on", ["full_page_writes"] = "on", ["track_commit_timestamp"] = "on" },
        cancellationToken);

    private static async Task<BenchCluster> StartAsync(
        string? kept, Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var folder = new DirectoryInfo(kept ?? Path.Combine(Path.GetTempPath(), "apikeys-bench-" + Path.GetRandomFileName()));
        try
        {
            var server = await EmbeddedPostgresServer.StartAsync(
                new EmbeddedPostgresOptions { DataDirectory = folder.FullName, Settings = settings },
                NullLogger.Instance, cancellationToken);
            return new BenchCluster(server, folder, kept is not null);
        }
        catch (DatabaseStartException exception)
        {
            throw new BenchException(exception.Message);
        }
    }

    /// <summary>The same on every call: a database of this name, which may be there or not.</summary>
    public string ConnectionStringOf(string database) =>
        new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Database = database, CommandTimeout = 60 }.ConnectionString;

    public Task<bool> ExistsAsync(string database, CancellationToken cancellationToken) =>
        ScalarAsync<bool>($"select exists (select from pg_database where datname = '{database}')", cancellationToken);

    public Task<string> VersionAsync(CancellationToken cancellationToken) =>
        ScalarAsync<string>("select current_setting('server_version')", cancellationToken);

    /// <summary>The schema as the host makes it, and the organization <c>default</c>.</summary>
    public static async Task MigrateAsync(NpgsqlDataSource database, CancellationToken cancellationToken) =>
        await new SchemaMigrator(new Contexts(database), TimeProvider.System, NullLogger<SchemaMigrator>.Instance)
            .MigrateAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await _server.DisposeAsync();
        if (!_isKept)
            _folder.Delete(recursive: true);
    }

    private async Task<T> ScalarAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(ConnectionStringOf("postgres") + ";Pooling=false");
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    internal sealed class Contexts(NpgsqlDataSource source) : IDbContextFactory<ApiKeysDbContext>
    {
        public ApiKeysDbContext CreateDbContext()
        {
            var options = new DbContextOptionsBuilder<ApiKeysDbContext>();
            options.UseApiKeysPostgres(source);
            return new ApiKeysDbContext(options.Options);
        }
    }
}
