namespace ApiKeys.Server.Lookup;

/// <summary>The section <c>Lookup</c>: what nodes remember of keys, and for how long they may.</summary>
internal sealed record LookupOptions : LeaseOptions
{
    public const string SectionName = "Lookup";

    /// <summary>How many keys are read from the database at once. 1 to 1,000. Default 16.</summary>
    public int MaxConcurrentReads { get; init; } = 16;

    public IEnumerable<string> Errors()
    {
        if (LeaseSeconds is < 1 or > LongestLeaseSeconds)
            yield return $"{SectionName}:{nameof(LeaseSeconds)} must be from 1 to 60.";

        if (MaxKeys is < 1_000 or > 10_000_000)
            yield return $"{SectionName}:{nameof(MaxKeys)} must be from 1000 to 10000000.";

        if (MaxConcurrentReads is < 1 or > 1_000)
            yield return $"{SectionName}:{nameof(MaxConcurrentReads)} must be from 1 to 1000.";

        if (PollMilliseconds is < 10 or > 1_000)
            yield return $"{SectionName}:{nameof(PollMilliseconds)} must be from 10 to 1000.";
    }
}
