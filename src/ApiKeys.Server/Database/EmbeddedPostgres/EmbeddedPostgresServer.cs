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

    /// <summary>
    /// A shell starts the server, says so, and then waits for the end of the FIFO that its users hold open: the kernel closes
    /// their ends however they die. Then, with the lock that joining takes as well, it looks once more whether anybody has come
    /// meanwhile, and stops the server that it started, and none that came after it. Signals meant for us, such as Ctrl-C,
    /// pass it by. Where there is no flock and no timeout (macOS) it does not look once more.
    /// </summary>
    private const string Supervisor = """
        trap '' HUP INT QUIT TERM PIPE
        pg_ctl=$1 cluster=$2 fifo=$3 lock=$4 log=$5 sockets=$6 seconds=$7
        exec 3<"$fifo"
        "$pg_ctl" start --silent --wait --timeout "$seconds" --pgdata "$cluster" --log "$log" 3<&- ||
            { "$pg_ctl" stop --silent --mode immediate --pgdata "$cluster"; exit 1; }
        runs() { [ "$(head -n 1 "$cluster/postmaster.pid" 2>/dev/null)" = "$server" ]; }
        server=$(head -n 1 "$cluster/postmaster.pid")
        echo ready
        while cat <&3 >/dev/null; do
            command -v flock >/dev/null && command -v timeout >/dev/null || break
            exec 4<"$lock"
            flock 4
            timeout 0.1 cat <&3 >/dev/null
            [ $? -eq 124 ] || break
            exec 4<&-
        done
        runs && kill -INT "$server"
        for i in 1 2 3 4 5 6 7 8 9 10; do runs && sleep 0.5; done
        rmdir "$sockets" 2>/dev/null
        """;

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
            using var supervisor = account.Start("/bin/sh",
            [
                "-c", Supervisor, "sh", programs.PgCtl, folder.Cluster, folder.Fifo, folder.Lock,
                Path.Combine(folder.Logs, "start.log"), sockets, $"{options.StartTimeoutSeconds}",
            ]);
            try
            {
                var said = await supervisor.StandardOutput.ReadLineAsync(cancellationToken);
                if (said == "ready" && Postmaster.Read(folder.Cluster) is { } postmaster)
                    return new EmbeddedPostgresServer(folder.Cluster, postmaster, hold);
            }
            catch
            {
                hold?.Dispose();
                throw;
            }

            hold?.Dispose();
            if (attempt == MaxAttempts)
            {
                var errors = await supervisor.StandardError.ReadToEndAsync(cancellationToken);
                throw new DatabaseStartException(
                    $"PostgreSQL did not start in '{folder.Root}'. {errors.Trim()}\nThe end of its log:\n{folder.EndOfLog()}");
            }

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
