namespace ApiKeys.Server.Tests.Verification.RateLimits;

/// <summary>Rate limits go by the database's clock, which is this machine's.</summary>
internal static class RateWindows
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromMinutes(10);

    /// <summary>The seconds of a window that does not end while a test runs.</summary>
    public static int Long => Enumerable.Range(0, 1_000).Select(i => 86_400 - (i * 60)).First(seconds =>
        TimeSpan.FromTicks(TimeSpan.FromSeconds(seconds).Ticks - (SinceEpoch.Ticks % TimeSpan.FromSeconds(seconds).Ticks)) > LongEnough);

    private static TimeSpan SinceEpoch => TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch;
}
