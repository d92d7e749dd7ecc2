namespace ApiKeys.AspNetCore.Leases;

/// <summary>What is remembered under a lease, and for how long it may be.</summary>
internal record LeaseOptions
{
    protected const int LongestLeaseSeconds = 60;

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

    /// <summary>Where notifications do not arrive: how often the log is read, in milliseconds. 10 to 1,000. Default 100.</summary>
    public int PollMilliseconds { get; init; } = 100;

    /// <summary>The end of the longest lease that any node can have, whatever its settings.</summary>
    public static TimeSpan EndOfAny => EndOf(TimeSpan.FromSeconds(LongestLeaseSeconds));

    public TimeSpan Lease => TimeSpan.FromSeconds(LeaseSeconds);

    /// <summary>After this long without a renewal, measured by another machine's clock, a lease of this length has ended.</summary>
    public static TimeSpan EndOf(TimeSpan lease) => lease * ((1 + ClockDrift) / (1 - ClockDrift)) + Margin;
}
