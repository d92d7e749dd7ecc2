using System.Security.Cryptography;
using System.Text;

namespace ApiKeys.Server.Database.EmbeddedPostgres;

/// <summary>What lies under <c>EmbeddedPostgres:DataDirectory</c>: <c>cluster</c>, <c>run</c> and <c>logs</c>.</summary>
internal sealed class ClusterFolder
{
    private ClusterFolder(string root) => Root = root;

    public string Root { get; }

    /// <summary>PostgreSQL's own data directory.</summary>
    public string Cluster => Path.Combine(Root, "cluster");

    public string Logs => Path.Combine(Root, "logs");

    /// <summary>The FIFO that every process which uses the server holds open for writing.</summary>
    public string Hold => Path.Combine(Run, "hold");

    public bool IsInitialized => File.Exists(Path.Combine(Cluster, "PG_VERSION"));

    private string Run => Path.Combine(Root, "run");

    /// <summary>
    /// Makes the folders. Where we are root and the default place is closed to PostgreSQL's account, as everything in /root is,
    /// the data goes to /var/lib/apikeys instead, in a folder for each place.
    /// </summary>
    public static async Task<(ClusterFolder Folder, ServerAccount Account)> PrepareAsync(
        EmbeddedPostgresOptions options, CancellationToken cancellationToken)
    {
        var root = Path.GetFullPath(options.DataDirectory);
        try
        {
            return await MakeAsync(root, options.User, cancellationToken);
        }
        catch (EmbeddedPostgresException)
            when (options.DataDirectory == EmbeddedPostgresOptions.DefaultDataDirectory && IsEmpty(root))
        {
            Directory.Delete(root);
            var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(root)))[..12];
            Directory.CreateDirectory("/var/lib/apikeys");
            return await MakeAsync($"/var/lib/apikeys/{name}", options.User, cancellationToken);
        }
    }

    /// <summary>One process at a time makes, joins or starts a server here.</summary>
    public async Task<FileStream> LockAsync(ServerAccount account, CancellationToken cancellationToken)
    {
        var file = Path.Combine(Root, "lock");
        while (true)
        {
            try
            {
                var held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                await account.TakeAsync(file, cancellationToken);
                return held;
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }
        }
    }

    /// <summary>For reading too, so that opening never blocks; nobody but the supervisor reads from it.</summary>
    public FileStream? TryOpenHold()
    {
        try
        {
            return new FileStream(Hold, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>In here where the path is short enough for a socket, else in the temporary folder.</summary>
    public async Task<string> MakeSocketDirectoryAsync(int maxLength, ServerAccount account, CancellationToken cancellationToken)
    {
        if (Encoding.UTF8.GetByteCount(Run) <= maxLength)
            return Run;

        var directory = Directory.CreateTempSubdirectory("apikeys-").FullName;
        await account.MakeDirectoryAsync(directory, cancellationToken);
        return directory;
    }

    /// <summary>What a killed server left: the process id in the socket's lock may be taken again, and PostgreSQL would not start.</summary>
    public static void RemoveSocket(string socketDirectory)
    {
        foreach (var file in Directory.EnumerateFiles(socketDirectory, ".s.PGSQL.*"))
            File.Delete(file);
    }

    /// <summary>Durable as PostgreSQL is by default; its log keeps a week.</summary>
    public async Task WriteSettingsAsync(
        string socketDirectory, int port, IReadOnlyDictionary<string, string> further, ServerAccount account,
        CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, string>
        {
            ["listen_addresses"] = "",
            ["unix_socket_directories"] = socketDirectory,
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

        var lines = settings.Select(setting => $"{setting.Key} = '{setting.Value.Replace("'", "''", StringComparison.Ordinal)}'");
        var file = Path.Combine(Cluster, "apikeys.conf");
        await File.WriteAllLinesAsync(file, lines, cancellationToken);
        await account.TakeAsync(file, cancellationToken);
    }

    /// <summary>The last lines of what was logged last.</summary>
    public string EndOfLog()
    {
        var newest = new DirectoryInfo(Logs).EnumerateFiles().Where(file => file.Length > 0).MaxBy(file => file.LastWriteTimeUtc);
        return newest is null ? "" : string.Join('\n', File.ReadLines(newest.FullName).TakeLast(10));
    }

    private static bool IsEmpty(string directory) =>
        Directory.Exists(directory) && !Directory.EnumerateFileSystemEntries(directory).Any();

    private static async Task<(ClusterFolder Folder, ServerAccount Account)> MakeAsync(
        string root, string user, CancellationToken cancellationToken)
    {
        var folder = new ClusterFolder(root);
        var account = await ServerAccount.FindAsync(user, folder.Cluster, cancellationToken);
        await account.MakeDirectoryAsync(root, cancellationToken);
        await account.MakeDirectoryAsync(folder.Run, cancellationToken);
        await account.MakeDirectoryAsync(folder.Logs, cancellationToken);
        return (folder, account);
    }
}
