using System.Diagnostics;

namespace ApiKeys.Server.Database.EmbeddedPostgres;

/// <summary>
/// Runs PostgreSQL's programs as an account that it accepts: ourselves, or another one where we are root. Whatever lies in a
/// folder of that account is written as that account too, so that no link in it makes root write elsewhere.
/// </summary>
internal sealed class ServerAccount
{
    private static readonly ServerAccount Ourselves = new(user: null);

    private readonly string? _user;

    private ServerAccount(string? user) => _user = user;

    /// <summary>Ourselves; or, where we are root, the account that owns the cluster already, else the configured one.</summary>
    /// <exception cref="DatabaseStartException">We are root and there is no such account.</exception>
    public static async Task<ServerAccount> FindAsync(string configured, string cluster, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
            throw new DatabaseStartException("There is no embedded PostgreSQL on Windows: set ConnectionStrings__ApiKeys.");

        if (!Environment.IsPrivilegedProcess)
            return Ourselves;

        var (exitCode, owner) = await Ourselves.RunAsync("stat", ["-c", "%U", cluster], cancellationToken);
        if (exitCode == 0)
            return new ServerAccount(owner.Trim());

        (exitCode, _) = await Ourselves.RunAsync("id", ["-u", configured], cancellationToken);
        return exitCode == 0
            ? new ServerAccount(configured)
            : throw new DatabaseStartException(
                $"PostgreSQL does not run as root, and there is no account '{configured}' to run it as. Create it ('useradd --system "
                + $"{configured}'), name another one in EmbeddedPostgres:User, or start the host as an ordinary user.");
    }

    /// <summary>A folder that belongs to the account and that nobody else may enter.</summary>
    public async Task MakeDirectoryAsync(string directory, CancellationToken cancellationToken)
    {
        await Ourselves.RunOrThrowAsync("mkdir", ["-p", "-m", "700", directory], cancellationToken);
        if (_user is not null)
            await Ourselves.RunOrThrowAsync("chown", ["-h", _user, directory], cancellationToken);
    }

    public async Task<bool> CanEnterAsync(string directory, CancellationToken cancellationToken)
    {
        var (exitCode, _) = await RunAsync("/bin/sh", ["-c", "cd -- \"$1\"", "sh", directory], cancellationToken);
        return exitCode == 0;
    }

    /// <exception cref="DatabaseStartException">It ended with an error.</exception>
    public async Task RunOrThrowAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancellationToken, string? input = null)
    {
        var (exitCode, output) = await RunAsync(program, arguments, cancellationToken, input);
        if (exitCode != 0)
            throw new DatabaseStartException($"{program} ended with {exitCode}: {output.Trim()}");
    }

    public async Task<(int ExitCode, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancellationToken, string? input = null)
    {
        using var process = Start(program, arguments);
        await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
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
