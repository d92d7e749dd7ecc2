using System.Diagnostics;
using Npgsql;

namespace ApiKeys.Server.Database.EmbeddedPostgres;

/// <summary>
/// A private PostgreSQL for a host that was given none: started from the installed programs, reached by a unix socket only,
/// shared by all hosts on the same folder, and gone when the last of them is, however that one ended. See README.md here.
/// </summary>
internal sealed partial class EmbeddedPostgresServer : IAsyncDisposable
{
    private const string Account = "apikeys";
    private const string Database = "apikeys";
    private const int Port = 5432;

    /// <summary>A unix socket's path has at most 107 bytes, and PostgreSQL adds <c>/.s.PGSQL.5432</c>.</summary>
    private const int MaxSocketDirectoryLength = 90;

    private const int MaxAttempts = 3;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly string _cluster;
    private readonly FileStream? _hold;

    private EmbeddedPostgresServer(string cluster, Postmaster postmaster, FileStream? hold)
    {
        _cluster = cluster;
        _hold = hold;
        ConnectionString = ConnectionStringTo(postmaster);
    }

    public string ConnectionString { get; }

    /// <summary>Starts a server, or joins the one that another process of ours started on the same folder.</summary>
    /// <exception cref="EmbeddedPostgresException">It cannot be started here; the message says what to do.</exception>
    public static async Task<EmbeddedPostgresServer> StartAsync(
        EmbeddedPostgresOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(options.StartTimeoutSeconds));
        try
        {
            var programs = PostgresPrograms.Find(options.ProgramDirectory);
            var (folder, account) = await ClusterFolder.PrepareAsync(options, timeout.Token);
            using var gate = await folder.LockAsync(account, timeout.Token);

            if (await JoinAsync(folder, timeout.Token) is { } joined)
            {
                LogJoined(logger, folder.Root);
                return joined;
            }

            if (!folder.IsInitialized)
                await InitializeAsync(folder, programs, account, timeout.Token);

            var started = await StartServerAsync(folder, programs, account, options, timeout.Token);
            LogStarted(logger, folder.Root, programs.Directory);
            return started;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EmbeddedPostgresException(
                $"PostgreSQL in '{Path.GetFullPath(options.DataDirectory)}' was not ready within {options.StartTimeoutSeconds} seconds. "
                + "Look into the logs there, or allow more in EmbeddedPostgres:StartTimeoutSeconds.");
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new EmbeddedPostgresException(
                $"{exception.Message} The folder belongs to another account: start the host as that one, or name another folder in "
                + "EmbeddedPostgres:DataDirectory.");
        }
    }

    /// <summary>Lets go of the server, and waits until it has stopped unless another process holds it still.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_hold is null)
            return;

        await _hold.DisposeAsync();
        var waited = Stopwatch.StartNew();
        while (Postmaster.Find(_cluster) is { } postmaster && waited.Elapsed < TimeSpan.FromSeconds(10))
        {
            if (postmaster.IsReady && waited.Elapsed > TimeSpan.FromSeconds(1))
                return;

            await Task.Delay(PollInterval);
        }
    }

    private static async Task<EmbeddedPostgresServer?> JoinAsync(ClusterFolder folder, CancellationToken cancellationToken)
    {
        while (Postmaster.Find(folder.Cluster) is { } postmaster)
        {
            var hold = folder.TryOpenHold();
            if (postmaster.IsReady && await AcceptsConnectionsAsync(postmaster, cancellationToken))
                return new EmbeddedPostgresServer(folder.Cluster, postmaster, hold);

            hold?.Dispose(); // it is stopping, or starting: look again
            await Task.Delay(PollInterval, cancellationToken);
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

    /// <summary>Into a folder beside, and then renamed: a cluster that was interrupted in the making is never taken for one.</summary>
    private static async Task InitializeAsync(
        ClusterFolder folder, PostgresPrograms programs, ServerAccount account, CancellationToken cancellationToken)
    {
        var unfinished = folder.Cluster + ".new";
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);

        await account.RunOrThrowAsync(
            programs.InitDb,
            ["--pgdata", unfinished, "--username", Account, "--encoding", "UTF8", "--locale", "C.UTF-8", "--auth", "trust"],
            cancellationToken);
        await File.AppendAllTextAsync(
            Path.Combine(unfinished, "postgresql.conf"), "include 'apikeys.conf' # written anew at every start\n", cancellationToken);
        Directory.Move(unfinished, folder.Cluster);
    }

    /// <summary>
    /// A shell starts the server, says so, and then waits for the end of the FIFO that we hold open: the kernel closes our
    /// end however we die, and then the shell stops the server it started, and none that came after it. Signals meant for
    /// us, such as Ctrl-C, pass it by.
    /// </summary>
    private const string Supervisor = """
        trap '' HUP INT TERM PIPE
        exec 3<"$3"
        "$1" start --silent --wait --timeout "$4" --pgdata "$2" --log "$5" 3<&- ||
            { "$1" stop --silent --mode immediate --pgdata "$2"; exit 1; }
        server=$(head -n 1 "$2/postmaster.pid")
        echo ready
        cat <&3 >/dev/null
        runs() { [ "$(head -n 1 "$2/postmaster.pid" 2>/dev/null)" = "$server" ]; }
        runs "$@" && kill -INT "$server"
        for i in 1 2 3 4 5 6 7 8 9 10; do runs "$@" && sleep 0.5; done
        rmdir "$6" 2>/dev/null
        """;

    private static async Task<EmbeddedPostgresServer> StartServerAsync(
        ClusterFolder folder, PostgresPrograms programs, ServerAccount account, EmbeddedPostgresOptions options,
        CancellationToken cancellationToken)
    {
        var socketDirectory = await folder.MakeSocketDirectoryAsync(MaxSocketDirectoryLength, account, cancellationToken);
        await folder.WriteSettingsAsync(socketDirectory, Port, options.Settings, account, cancellationToken);
        ClusterFolder.RemoveSocket(socketDirectory);
        await account.RunOrThrowAsync("/bin/sh", ["-c", "rm -f \"$1\" && mkfifo -m 600 \"$1\"", "sh", folder.Hold], cancellationToken);

        for (var attempt = 1; ; attempt++)
        {
            var hold = folder.TryOpenHold();
            var log = Path.Combine(folder.Logs, "start.log");
            using var supervisor = account.Start("/bin/sh",
                ["-c", Supervisor, "sh", programs.PgCtl, folder.Cluster, folder.Hold, $"{options.StartTimeoutSeconds}", log, socketDirectory]);
            var said = await supervisor.StandardOutput.ReadLineAsync(cancellationToken);
            if (said == "ready" && Postmaster.Find(folder.Cluster) is { } postmaster)
                return new EmbeddedPostgresServer(folder.Cluster, postmaster, hold);

            hold?.Dispose();
            if (attempt == MaxAttempts)
            {
                var errors = await supervisor.StandardError.ReadToEndAsync(cancellationToken);
                throw new EmbeddedPostgresException(
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
        Username = Account,
        Database = Database,
        MaxPoolSize = 50,
    }.ConnectionString;

    [LoggerMessage(100, LogLevel.Information, "Started PostgreSQL from {Programs} on {Folder}")]
    private static partial void LogStarted(ILogger logger, string folder, string programs);

    [LoggerMessage(101, LogLevel.Information, "Joined the PostgreSQL that runs on {Folder}")]
    private static partial void LogJoined(ILogger logger, string folder);
}
