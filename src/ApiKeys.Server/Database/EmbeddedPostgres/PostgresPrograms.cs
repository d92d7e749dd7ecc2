using System.Text.RegularExpressions;

namespace ApiKeys.Server.Database.EmbeddedPostgres;

/// <summary>Where PostgreSQL's server programs are.</summary>
internal sealed partial class PostgresPrograms
{
    private const string HowToInstall =
        "Install them: 'apt-get install postgresql' on Debian and Ubuntu, 'brew install postgresql' on macOS, "
        + "'dnf install postgresql-server postgresql-contrib' on Fedora. Or use a server that runs already: set ConnectionStrings__ApiKeys.";

    private PostgresPrograms(string directory) => Directory = directory;

    public string Directory { get; }

    public string InitDb => Path.Combine(Directory, "initdb");

    public string PgCtl => Path.Combine(Directory, "pg_ctl");

    /// <param name="configured">The only folder to look in; null for the usual ones.</param>
    /// <param name="major">The version that made the cluster, such as <c>15</c>, which no other can open; null where there is none yet.</param>
    /// <param name="account">Runs them.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="DatabaseStartException">They are not installed, or not in this version.</exception>
    public static async Task<PostgresPrograms> FindAsync(
        string? configured, string? major, ServerAccount account, CancellationToken cancellationToken)
    {
        var candidates = configured is null ? Candidates() : [configured];
        var installed = candidates.Select(directory => new PostgresPrograms(directory))
            .Where(programs => File.Exists(programs.InitDb) && File.Exists(programs.PgCtl))
            .ToList();
        if (installed.Count == 0)
        {
            throw new DatabaseStartException(
                "PostgreSQL's server programs (initdb, pg_ctl, postgres) are not installed"
                + (configured is null ? "" : $" in EmbeddedPostgres:ProgramDirectory '{configured}'") + $". {HowToInstall}");
        }

        if (major is null)
            return installed[0];

        foreach (var programs in installed)
        {
            var (_, output) = await account.RunAsync(programs.PgCtl, ["--version"], cancellationToken);
            if (Version.Match(output).Value == major)
                return programs;
        }

        throw new DatabaseStartException(
            $"The data is PostgreSQL {major}'s, and that version is not installed, only what is in "
            + $"{string.Join(" and ", installed.Select(programs => programs.Directory))}. Install postgresql-{major}, "
            + "or bring the data over with pg_upgrade.");
    }

    private static IEnumerable<string> Candidates()
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(NewestFirst("/usr/lib/postgresql", "*", "bin")) // Debian, Ubuntu
            .Concat(NewestFirst("/usr", "pgsql-*", "bin")) // PostgreSQL's own packages for Red Hat
            .Concat(NewestFirst("/opt/homebrew/opt", "postgresql@*", "bin"))
            .Concat(NewestFirst("/usr/local/opt", "postgresql@*", "bin"))
            .Append("/usr/local/pgsql/bin");
    }

    private static IEnumerable<string> NewestFirst(string parent, string pattern, string child) =>
        !System.IO.Directory.Exists(parent)
            ? []
            : System.IO.Directory.GetDirectories(parent, pattern)
                .OrderByDescending(directory => int.TryParse(directory.AsSpan(directory.LastIndexOfAny(['/', '-', '@']) + 1), out var version) ? version : 0)
                .Select(directory => Path.Combine(directory, child));

    [GeneratedRegex("[0-9]+", RegexOptions.NonBacktracking)]
    private static partial Regex Version { get; }
}
