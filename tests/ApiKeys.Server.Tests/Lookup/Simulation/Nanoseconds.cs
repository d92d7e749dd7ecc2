namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>Simulated time is counted in nanoseconds since the run began.</summary>
internal static class Nanoseconds
{
    public const long Millisecond = 1_000_000;
    public const long Second = 1_000 * Millisecond;

    public static long Of(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;
}
