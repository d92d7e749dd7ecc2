namespace ApiKeys.Server.Verification.Usage;

/// <summary>The section <c>Usage</c>.</summary>
internal sealed record UsageOptions
{
    public const string SectionName = "Usage";

    private const int MaxRetentionDays = 3_650;

    /// <summary>For how many days what was counted on a day is kept, today included. 1 to 3650. Default 90.</summary>
    public int RetentionDays { get; init; } = 90;

    public IEnumerable<string> Errors()
    {
        if (RetentionDays is < 1 or > MaxRetentionDays)
            yield return $"{SectionName}:{nameof(RetentionDays)} is {RetentionDays} and must be 1 to {MaxRetentionDays}.";
    }
}
