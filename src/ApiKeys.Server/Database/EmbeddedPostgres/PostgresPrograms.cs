namespace ApiKeys.Server.Database.EmbeddedPostgres;

/// <summary>Where PostgreSQL's server programs are.</summary>
internal sealed class PostgresPrograms
{
    private PostgresPrograms(string directory) => Directory = directory;

    public string Directory { get; }

    public string InitDb => Path.Combine(Directory, "initdb");

    public string PgCtl => Path.Combine(Directory, "pg_ctl");

    /// <exception cref="EmbeddedPostgresException">They are not installed.</exception>
    public static PostgresPrograms Find(string? configured)
    {
        var candidates = configured is null ? Candidates() : [configured];
        var found = candidates.FirstOrDefault(directory =>
            File.Exists(Path.Combine(directory, "initdb")) && File.Exists(Path.Combine(directory, "pg_ctl")));

        return found is not null
            ? new PostgresPrograms(found)
            : throw new EmbeddedPostgresException(
                "PostgreSQL's server programs (initdb, pg_ctl, postgres) are not installed"
                + (configured is null ? "" : $" in EmbeddedPostgres:ProgramDirectory '{configured}'")
                + ". Install them: 'apt-get install postgresql' on Debian and Ubuntu, 'brew install postgresql' on macOS, "
                + "'dnf install postgresql-server' on Fedora. Or use a server that runs already: set ConnectionStrings__ApiKeys.");
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
}
