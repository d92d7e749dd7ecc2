using System.Diagnostics;

namespace ApiKeys.Server.Database.EmbeddedPostgres;

/// <summary>Runs PostgreSQL's programs as an account that it accepts: ourselves, or another one where we are root.</summary>
internal sealed class ServerAccount
{
    private readonly string? _user;

    private ServerAccount(string? user) => _user = user;

    /// <summary>Ourselves; or, where we are root, the account that owns the cluster already, else the configured one.</summary>
    /// <exception cref="EmbeddedPostgresException">We are root and there is no such account.</exception>
    public static async Task<ServerAccount> FindAsync(string configured, string cluster, CancellationToken cancellationToken)
    {
        var ourselves = new ServerAccount(user: null);
        if (!Environment.IsPrivilegedProcess)
            return ourselves;

        var (exitCode, owner) = await ourselves.RunAsync("stat", ["-c", "%U", cluster], cancellationToken);
        if (exitCode == 0)
            return new ServerAccount(owner.Trim());

        (exitCode, _) = await ourselves.RunAsync("id", ["-u", configured], cancellationToken);
        return exitCode == 0
            ? new ServerAccount(configured)
            : throw new EmbeddedPostgresException(
                $"PostgreSQL does not run as root, and there is no account '{configured}' to run it as. Create it ('useradd --system "
                + $"{configured}'), name another one in EmbeddedPostgres:User, or start the host as an ordinary user.");
    }

    /// <summary>A folder that belongs to the account and that nobody else may enter.</summary>
    /// <exception cref="EmbeddedPostgresException">The account cannot get there.</exception>
    public async Task MakeDirectoryAsync(string directory, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
            throw new EmbeddedPostgresException("There is no embedded PostgreSQL on Windows: set ConnectionStrings__ApiKeys.");

        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (_user is null)
            return;

        await TakeAsync(directory, cancellationToken);
        var (exitCode, _) = await RunAsync("/bin/sh", ["-c", "cd -- \"$1\"", "sh", directory], cancellationToken);
        if (exitCode != 0)
        {
            throw new EmbeddedPostgresException(
                $"The account '{_user}', which PostgreSQL runs as, cannot enter '{directory}': a folder above it is closed to others. "
                + "Name another folder in EmbeddedPostgres:DataDirectory, or start the host as an ordinary user.");
        }
    }

    /// <summary>Makes a file or folder of ours the account's.</summary>
    public async Task TakeAsync(string path, CancellationToken cancellationToken)
    {
        if (_user is not null)
            await new ServerAccount(user: null).RunOrThrowAsync("chown", [_user, path], cancellationToken);
    }

    public async Task RunOrThrowAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await RunAsync(program, arguments, cancellationToken);
        if (exitCode != 0)
            throw new EmbeddedPostgresException($"{program} ended with {exitCode}: {output.Trim()}");
    }

    public async Task<(int ExitCode, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Start(program, arguments);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output + await errors);
    }

    public Process Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = "/",
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // PGDATA, PGPORT, PGOPTIONS and the like are meant for somebody else's server.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);

        if (_user is not null)
        {
            if (OperatingSystem.IsLinux())
                start.UserName = _user;

            start.Environment["HOME"] = "/";
        }

        return Process.Start(start)!;
    }
}
