namespace ApiKeys.Server.Lookup;

/// <summary>The section <c>Lookup</c>: what nodes remember of keys, and for how long they may.</summary>
internal sealed record LookupOptions
{
    public const string SectionName = "Lookup";

    /// <summary>How far the clocks of two machines may run apart: 500 ppm, ten times what a quartz does.</summary>
    private const double ClockDrift = 0.0005;

    /// <summary>For the granularity of clocks.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// For how many seconds a node answers from memory after the database has last heard of it: the outage that is ridden through,
    /// and the longest that a change waits for a node which cannot be reached. 1 to 60. Default 10.
    /// </summary>
    public int LeaseSeconds { get; init; } = 10;

    /// <summary>How many keys are remembered; the least used make place for others. 1,000 to 10,000,000. Default 100,000.</summary>
    public int MaxKeys { get; init; } = 100_000;

    /// <summary>How many keys are read from the database at once. 1 to 1,000. Default 16.</summary>
    public int MaxConcurrentReads { get; init; } = 16;

    /// <summary>Where notifications do not arrive: how often the log is read, in milliseconds. 10 to 1,000. Default 100.</summary>
    public int PollMilliseconds { get; init; } = 100;

    private const int LongestLeaseSeconds = 60;

    /// <summary>The end of the longest lease that any node can have, whatever its settings.</summary>
    public static TimeSpan EndOfAny => EndOf(TimeSpan.FromSeconds(LongestLeaseSeconds));

    public TimeSpan Lease => TimeSpan.FromSeconds(LeaseSeconds);

    /// <summary>After this long without a renewal, measured by another machine's clock, a lease of this length has ended.</summary>
    public static TimeSpan EndOf(TimeSpan lease) => lease * ((1 + ClockDrift) / (1 - ClockDrift)) + Margin;

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
