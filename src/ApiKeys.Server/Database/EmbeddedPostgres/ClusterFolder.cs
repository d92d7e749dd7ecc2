using System.Security.Cryptography;
using System.Text;

namespace ApiKeys.Server.Database.EmbeddedPostgres;

/// <summary>
/// What lies under <c>EmbeddedPostgres:DataDirectory</c>. The folder itself is ours; <c>cluster</c>, <c>run</c> and <c>logs</c> in it
/// belong to the account that PostgreSQL runs as.
/// </summary>
internal sealed class ClusterFolder
{
    private readonly ServerAccount _account;

    private ClusterFolder(string root, ServerAccount account)
    {
        Root = root;
        _account = account;
    }

    public string Root { get; }

    /// <summary>PostgreSQL's own data directory.</summary>
    public string Cluster => Path.Combine(Root, "cluster");

    public string Logs => Path.Combine(Root, "logs");

    /// <summary>The FIFO that every process which uses the server holds open for writing.</summary>
    public string Fifo => Path.Combine(Run, "hold");

    /// <summary>Taken by who makes, joins, starts or stops a server here.</summary>
    public string Lock => Path.Combine(Root, "lock");

    /// <summary>The major version that made the cluster, such as <c>15</c>; null where there is none yet.</summary>
    public string? Version
    {
        get
        {
            var file = Path.Combine(Cluster, "PG_VERSION");
            return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
        }
    }

    private string Run => Path.Combine(Root, "run");

    /// <summary>
    /// Makes the folders. Where we are root and the default place is closed to PostgreSQL's account, as everything in /root is,
    /// the data goes to /var/lib/apikeys instead, in a folder for each place.
    /// </summary>
    /// <exception cref="DatabaseStartException">A configured place is closed to it.</exception>
    public static async Task<(ClusterFolder Folder, ServerAccount Account)> PrepareAsync(
        EmbeddedPostgresOptions options, CancellationToken cancellationToken)
    {
        var root = Path.GetFullPath(options.DataDirectory);
        if (root.Any(character => "\"\\$`\n\r".Contains(character, StringComparison.Ordinal)))
            throw new DatabaseStartException($"EmbeddedPostgres:DataDirectory '{root}' has a character that PostgreSQL's programs do not bear in a path.");

        var account = await ServerAccount.FindAsync(options.User, Path.Combine(root, "cluster"), cancellationToken);
        Make(root);
        if (!await account.CanEnterAsync(root, cancellationToken))
        {
            if (options.DataDirectory != EmbeddedPostgresOptions.DefaultDataDirectory)
            {
                throw new DatabaseStartException(
                    $"The account that PostgreSQL runs as cannot enter '{root}': that folder, or one above it, is closed to others. "
                    + "Name another folder in EmbeddedPostgres:DataDirectory, or start the host as an ordinary user.");
            }

            if (!Directory.EnumerateFileSystemEntries(root).Any())
                Directory.Delete(root);

            var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(root)))[..12];
            root = $"/var/lib/apikeys/{name}";
            account = await ServerAccount.FindAsync(options.User, Path.Combine(root, "cluster"), cancellationToken);
            Make("/var/lib/apikeys");
            Make(root);
        }

        var folder = new ClusterFolder(root, account);
        await account.MakeDirectoryAsync(folder.Run, cancellationToken);
        await account.MakeDirectoryAsync(folder.Logs, cancellationToken);
        return (folder, account);
    }

    public async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var held = new FileStream(Lock, FileMode.OpenOrCreate, FileAccess.Read, FileShare.None);
                OpenToAll(held);
                return held;
            }
            catch (IOException exception) when (exception.GetType() == typeof(IOException)) // somebody else has it
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
            }
        }
    }

    public ServerHold? TryHold() => ServerHold.TryTake(Fifo, Path.Combine(Root, "holders"));

    /// <summary>Into a folder beside, and then renamed: a cluster that was interrupted in the making is never taken for one.</summary>
    public async Task InitializeAsync(PostgresPrograms programs, string superuser, CancellationToken cancellationToken)
    {
        var unfinished = Cluster + ".new";
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);

        await _account.MakeDirectoryAsync(unfinished, cancellationToken);
        await _account.RunOrThrowAsync(
            programs.InitDb,
            ["--pgdata", unfinished, "--username", superuser, "--encoding", "UTF8", "--locale", "C.UTF-8", "--auth", "trust"],
            cancellationToken);
        await WriteAsync(
            Path.Combine(unfinished, "postgresql.conf"), "include 'apikeys.conf' # written anew at every start\n", ">>", cancellationToken);
        Directory.Move(unfinished, Cluster);
    }

    /// <summary>
    /// Settings, socket folder and FIFO for a new server; and away with what a killed one left, whose process id may be taken by
    /// another process now, so that PostgreSQL would not start. An old FIFO stays: who holds it goes on to count.
    /// </summary>
    /// <returns>The socket folder: in here where the path is short enough for a socket, else in the temporary folder.</returns>
    public async Task<string> PrepareStartAsync(
        int port, int maxSocketDirectoryLength, IReadOnlyDictionary<string, string> further, CancellationToken cancellationToken)
    {
        var sockets = Run;
        if (Encoding.UTF8.GetByteCount(Run) > maxSocketDirectoryLength || Run.Contains(',', StringComparison.Ordinal)) // a list's separator
        {
            sockets = Directory.CreateTempSubdirectory("apikeys-").FullName;
            await _account.MakeDirectoryAsync(sockets, cancellationToken);
        }

        const string clear = """rm -f "$1" "$2"/.s.PGSQL.*; [ -p "$3" ] || mkfifo -m 600 "$3" """;
        await _account.RunOrThrowAsync(
            "/bin/sh", ["-c", clear, "sh", Postmaster.FileIn(Cluster), sockets, Fifo], cancellationToken);

        // Durable as PostgreSQL is by default; its log keeps a week.
        var settings = new Dictionary<string, string>
        {
            ["listen_addresses"] = "",
            ["unix_socket_directories"] = sockets,
            ["unix_socket_permissions"] = "0700",
            ["port"] = $"{port}",
            ["max_connections"] = "200",
            ["logging_collector"] = "on",
            ["log_directory"] = Logs,
            ["log_filename"] = "postgres-%a.log",
            ["log_rotation_age"] = "1d",
            ["log_rotation_size"] = "0",
            ["log_truncate_on_rotation"] = "on",
        };
        foreach (var (name, value) in further)
            settings[name] = value;

        var lines = settings.Select(setting => $"{setting.Key} = '{setting.Value.Replace("'", "''", StringComparison.Ordinal)}'\n");
        await WriteAsync(Path.Combine(Cluster, "apikeys.conf"), string.Concat(lines), ">", cancellationToken);
        return sockets;
    }

    /// <summary>The last lines of what was logged last.</summary>
    public string EndOfLog()
    {
        var newest = new DirectoryInfo(Logs).EnumerateFiles().Where(file => file.Length > 0).MaxBy(file => file.LastWriteTimeUtc);
        return newest is null ? "" : string.Join('\n', File.ReadLines(newest.FullName).TakeLast(10));
    }

    /// <summary>The supervisor takes the lock as well, as the account that it runs as; whoever made the file sees to that.</summary>
    private static void OpenToAll(FileStream file)
    {
        if (OperatingSystem.IsWindows())
            return;

        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        try
        {
            File.SetUnixFileMode(file.SafeFileHandle, mode);
        }
        catch (UnauthorizedAccessException)
        {
            // Another account made it, and saw to it.
        }
    }

    /// <summary>Open to be entered, whatever the umask: what is in it is closed by itself.</summary>
    private static void Make(string directory)
    {
        if (Directory.Exists(directory))
            return;

        const UnixFileMode all = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead
            | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        Directory.CreateDirectory(directory);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(directory, all | UnixFileMode.UserWrite);
    }

    private Task WriteAsync(string file, string text, string redirection, CancellationToken cancellationToken) =>
        _account.RunOrThrowAsync("/bin/sh", ["-c", $"cat {redirection} \"$1\"", "sh", file], cancellationToken, text);
}
