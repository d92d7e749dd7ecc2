namespace ApiKeys.Server.Database.EmbeddedPostgres;

/// <summary>The section <c>EmbeddedPostgres</c>; it counts only where no connection string is configured.</summary>
internal sealed class EmbeddedPostgresOptions
{
    public const string SectionName = "EmbeddedPostgres";
    public const string DefaultDataDirectory = "data/postgres";

    /// <summary>The folder of cluster, socket and logs; a relative one starts at the working directory. Default <c>data/postgres</c>.</summary>
    public string DataDirectory { get; set; } = DefaultDataDirectory;

    /// <summary>The folder of <c>initdb</c> and <c>pg_ctl</c>. Default null: PATH, then the places where packages put them.</summary>
    public string? ProgramDirectory { get; set; }

    /// <summary>The account that PostgreSQL runs as when the host runs as root, which PostgreSQL itself refuses to. Default <c>postgres</c>.</summary>
    public string User { get; set; } = "postgres";

    /// <summary>How long a start may take, the recovery after a crash included. Default 60 seconds.</summary>
    public int StartTimeoutSeconds { get; set; } = 60;

    /// <summary>Further settings of the server, as in <c>postgresql.conf</c>. Default none.</summary>
    public Dictionary<string, string> Settings { get; set; } = [];

    /// <summary>Everything that is wrong with it, each as one sentence.</summary>
    public IEnumerable<string> Errors()
    {
        if (string.IsNullOrWhiteSpace(DataDirectory))
            yield return $"{SectionName}:{nameof(DataDirectory)} is empty.";

        if (string.IsNullOrWhiteSpace(User))
            yield return $"{SectionName}:{nameof(User)} is empty.";

        if (StartTimeoutSeconds is < 1 or > 86_400)
            yield return $"{SectionName}:{nameof(StartTimeoutSeconds)} is {StartTimeoutSeconds} and must be 1 to 86400.";
    }
}
