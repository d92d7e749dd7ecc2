namespace ApiKeys.Server.Verification.RateLimits;

/// <summary>The section <c>RateLimits</c>.</summary>
internal sealed record RateLimitOptions
{
    public const string SectionName = "RateLimits";

    /// <summary>
    /// What becomes of a request with a limited key while the database is away and what this node had of the limit is used up:
    /// <c>Refuse</c> (503) or <c>Allow</c>. Default <c>Refuse</c>.
    /// </summary>
    public WhenUnavailable WhenUnavailable { get; init; } = WhenUnavailable.Refuse;

    /// <summary>
    /// How many keys that nobody has may be asked for from one address in a minute, before keys that are not in memory are
    /// refused to it. 1 to 1,000,000. Default 60.
    /// </summary>
    public int FailedAttemptsPerMinute { get; init; } = 60;

    private const int MaxFailedAttempts = 1_000_000;

    public IEnumerable<string> Errors()
    {
        if (!Enum.IsDefined(WhenUnavailable))
            yield return $"{SectionName}:{nameof(WhenUnavailable)} is {WhenUnavailable} and must be Refuse or Allow.";

        if (FailedAttemptsPerMinute is < 1 or > MaxFailedAttempts)
            yield return $"{SectionName}:{nameof(FailedAttemptsPerMinute)} is {FailedAttemptsPerMinute} and must be 1 to {MaxFailedAttempts}.";
    }
}

internal enum WhenUnavailable
{
    Refuse,
    Allow,
}
