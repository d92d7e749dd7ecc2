namespace ApiKeys.Server.Console;

/// <summary>The section <c>Console</c>: the administrators' pages at <c>/console</c>.</summary>
internal sealed class ConsoleOptions
{
    public const string SectionName = "Console";

    /// <summary>Whether there are any. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Minutes without a request after which one has to sign in again, 1 to 1,440. Default 30.</summary>
    public int IdleMinutes { get; set; } = 30;

    /// <summary>Hours after which one has to sign in again in any case, 1 to 168. Default 12.</summary>
    public int SessionHours { get; set; } = 12;

    public TimeSpan Idle => TimeSpan.FromMinutes(IdleMinutes);

    public TimeSpan Lifetime => TimeSpan.FromHours(SessionHours);

    /// <summary>Everything that is wrong with it, each as one sentence.</summary>
    public IEnumerable<string> Errors()
    {
        if (IdleMinutes is < 1 or > 1440)
            yield return $"{SectionName}:{nameof(IdleMinutes)} is {IdleMinutes} and must be 1 to 1440.";

        if (SessionHours is < 1 or > 168)
            yield return $"{SectionName}:{nameof(SessionHours)} is {SessionHours} and must be 1 to 168.";
    }
}
