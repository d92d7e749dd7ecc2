using System.Globalization;

namespace ApiKeys.Server.Database.EmbeddedPostgres;

/// <summary>
/// What <c>postmaster.pid</c> says of a running server: line 1 its process id, line 4 its port, line 5 its socket folder,
/// line 8 <c>ready</c>, <c>starting</c> or <c>stopping</c>.
/// </summary>
internal sealed record Postmaster(int ProcessId, int Port, string SocketDirectory, bool IsReady)
{
    /// <summary>Null where no server runs on this cluster. A file that a killed server left behind is deleted.</summary>
    public static Postmaster? Find(string cluster)
    {
        var file = Path.Combine(cluster, "postmaster.pid");
        if (ReadIfThere(file) is not { } text)
            return null;

        var lines = text.Split('\n');
        if (!int.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out var processId))
            return null;

        if (!IsPostmaster(processId, text))
        {
            File.Delete(file); // its process id may be somebody else's by now, and PostgreSQL would then refuse to start
            return null;
        }

        return lines.Length >= 8 && int.TryParse(lines[3], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? new Postmaster(processId, port, lines[4], lines[7].Trim() == "ready")
            : new Postmaster(processId, 0, "", IsReady: false);
    }

    /// <summary>A postmaster's working directory is its cluster, so it has this very file before it.</summary>
    private static bool IsPostmaster(int processId, string text) =>
        OperatingSystem.IsLinux()
            ? FirstLine(ReadIfThere($"/proc/{processId}/cwd/postmaster.pid")) == FirstLine(text)
            : IsRunning(processId);

    private static string? FirstLine(string? text) => text?.Split('\n')[0];

    /// <summary>Null where there is no such file or process, or where it is another account's.</summary>
    private static string? ReadIfThere(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsRunning(int processId)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
