using System.Globalization;

namespace ApiKeys.Server.Database.EmbeddedPostgres;

/// <summary>
/// What <c>postmaster.pid</c> says of a server: line 1 its process id, line 4 its port, line 5 its socket folder, line 8
/// <c>ready</c>, <c>starting</c> or <c>stopping</c>. The server may have been killed since.
/// </summary>
internal sealed record Postmaster(int ProcessId, int Port, string SocketDirectory, bool IsReady)
{
    /// <summary>Null where there is no such file, or none that is whole.</summary>
    public static Postmaster? Read(string cluster)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(FileIn(cluster));
        }
        catch (IOException)
        {
            return null;
        }

        if (lines.Length == 0 || !int.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out var processId))
            return null;

        return lines.Length >= 8 && int.TryParse(lines[3], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? new Postmaster(processId, port, lines[4], lines[7].Trim() == "ready")
            : new Postmaster(processId, 0, "", IsReady: false);
    }

    /// <summary>
    /// Whether the process is there and is a server on this cluster: its number may be somebody else's by now, but its working
    /// directory is not. Asked as the account that the server runs as, since nobody else may look at its process.
    /// </summary>
    public async Task<bool> IsRunningAsync(string cluster, ServerAccount account, CancellationToken cancellationToken)
    {
        const string check = """kill -0 "$1" 2>/dev/null && { [ ! -e /proc/self/cwd ] || [ "/proc/$1/cwd" -ef "$2" ]; }""";
        var (exitCode, _) = await account.RunAsync("/bin/sh", ["-c", check, "sh", $"{ProcessId}", cluster], cancellationToken);
        return exitCode == 0;
    }

    public static string FileIn(string cluster) => Path.Combine(cluster, "postmaster.pid");
}
