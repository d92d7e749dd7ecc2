using System.Diagnostics;
using Npgsql;

namespace ApiKeys.Server.Database.EmbeddedPostgres;

/// <summary>
/// A private PostgreSQL for a host that was given none: started from the installed programs, reached by a unix socket only,
/// shared by all hosts on the same folder, and gone when the last of them is, however that one ended. See README.md here.
/// </summary>
internal sealed partial class EmbeddedPostgresServer : IAsyncDisposable
{
    private const string Superuser = "apikeys";
    private const string Database = "apikeys";
    private const int Port = 5432;
    private const int MaxAttempts = 3;

    /// <summary>A unix socket's path has at most 107 bytes, and PostgreSQL adds <c>/.s.PGSQL.5432</c>.</summary>
    private const int MaxSocketDirectoryLength = 90;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    private readonly string _cluster;
    private readonly ServerHold? _hold;

    private EmbeddedPostgresServer(string cluster, Postmaster postmaster, ServerHold? hold)
    {
        _cluster = cluster;
        _hold = hold;
        ConnectionString = ConnectionStringTo(postmaster);
    }

    public string ConnectionString { get; }

    /// <summary>Starts a server, or joins the one that another process of ours started on the same folder.</summary>
    /// <exception cref="DatabaseStartException">It cannot be started here; the message says what to do.</exception>
    public static async Task<EmbeddedPostgresServer> StartAsync(
        EmbeddedPostgresOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(options.StartTimeoutSeconds));
        try
        {
            var (folder, account) = await ClusterFolder.PrepareAsync(options, timeout.Token);
            using var gate = await folder.LockAsync(timeout.Token);
            if (await JoinAsync(folder, account, timeout.Token) is { } joined)
            {
                LogJoined(logger, folder.Root);
                return joined;
            }

            var programs = await PostgresPrograms.FindAsync(options.ProgramDirectory, folder.Version, account, timeout.Token);
            if (folder.Version is null)
                await folder.InitializeAsync(programs, Superuser, timeout.Token);

            var started = await StartServerAsync(folder, programs, account, options, timeout.Token);
            LogStarted(logger, folder.Root, programs.Directory);
            return started;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DatabaseStartException(
                $"PostgreSQL in '{Path.GetFullPath(options.DataDirectory)}' was not ready within {options.StartTimeoutSeconds} seconds. "
                + "Look into the logs there, or allow more in EmbeddedPostgres:StartTimeoutSeconds.");
        }
        catch (IOException exception)
        {
            throw new DatabaseStartException($"EmbeddedPostgres:DataDirectory cannot be used: {exception.Message}");
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new DatabaseStartException(
                $"{exception.Message} The folder belongs to another account: start the host as that one, or name another folder in "
                + "EmbeddedPostgres:DataDirectory.");
        }
    }

    /// <summary>Lets go of the server, and waits until it has stopped unless another process holds it still.</summary>
    public async ValueTask DisposeAsync()
    {
        var server = Postmaster.Read(_cluster)?.ProcessId;
        if (_hold is null || _hold.Release())
            return;

        var waited = Stopwatch.StartNew();
        while (server is not null && Postmaster.Read(_cluster)?.ProcessId == server && waited.Elapsed < StopPatience)
            await Task.Delay(PollInterval);
    }

    private static async Task<EmbeddedPostgresServer?> JoinAsync(
        ClusterFolder folder, ServerAccount account, CancellationToken cancellationToken)
    {
        while (Postmaster.Read(folder.Cluster) is { } postmaster)
        {
            var hold = folder.TryHold();
            if (postmaster.IsReady && await AcceptsConnectionsAsync(postmaster, cancellationToken))
                return new EmbeddedPostgresServer(folder.Cluster, postmaster, hold);

            hold?.Dispose();
            if (!await postmaster.IsRunningAsync(folder.Cluster, account, cancellationToken))
                return null; // it was killed

            await Task.Delay(PollInterval, cancellationToken); // it is starting or stopping
        }

        return null;
    }

    private static async Task<bool> AcceptsConnectionsAsync(Postmaster postmaster, CancellationToken cancellationToken)
    {
        var connectionString = new NpgsqlConnectionStringBuilder(ConnectionStringTo(postmaster)) { Database = "postgres", Pooling = false };
        await using var connection = new NpgsqlConnection(connectionString.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static async Task<EmbeddedPostgresServer> StartServerAsync(
        ClusterFolder folder, PostgresPrograms programs, ServerAccount account, EmbeddedPostgresOptions options,
        CancellationToken cancellationToken)
    {
        var sockets = await folder.PrepareStartAsync(Port, MaxSocketDirectoryLength, options.Settings, cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            var hold = folder.TryHold();
            string? error = null;
            try
            {
                error = await Supervisor.StartAsync(folder, sockets, programs, account, options.StartTimeoutSeconds, cancellationToken);
                if (error is null && Postmaster.Read(folder.Cluster) is { } postmaster)
                    return new EmbeddedPostgresServer(folder.Cluster, postmaster, hold);
            }
            catch
            {
                hold?.Dispose();
                throw;
            }

            hold?.Dispose();
            if (attempt == MaxAttempts)
                throw new DatabaseStartException($"PostgreSQL did not start in '{folder.Root}'. {error}\nThe end of its log:\n{folder.EndOfLog()}");

            // What a killed server leaves behind, its memory and its children, may take a moment to go.
            await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);
        }
    }

    private static string ConnectionStringTo(Postmaster postmaster) => new NpgsqlConnectionStringBuilder
    {
        Host = postmaster.SocketDirectory,
        Port = postmaster.Port,
        Username = Superuser,
        Database = Database,
        MaxPoolSize = 50,
        CommandTimeout = 10,
    }.ConnectionString;

    [LoggerMessage(100, LogLevel.Information, "Started PostgreSQL from {Programs} on {Folder}")]
    private static partial void LogStarted(ILogger logger, string folder, string programs);

    [LoggerMessage(101, LogLevel.Information, "Joined the PostgreSQL that runs on {Folder}")]
    private static partial void LogJoined(ILogger logger, string folder);
}
