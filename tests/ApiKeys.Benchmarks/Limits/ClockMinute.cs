namespace ApiKeys.Benchmarks.Limits;

/// <summary>
/// A window of a limit for a minute: windows lie on the grid of the Unix epoch, by the database's clock, which is this machine's.
/// </summary>
/// <param name="Number">How many minutes lie between it and the epoch.</param>
internal sealed record ClockMinute(long Number)
{
    public const int WindowSeconds = 60;

    /// <summary>Nothing is sent so near to the edges of a window, where one could not tell which it was answered in.</summary>
    private static readonly TimeSpan Edge = TimeSpan.FromMilliseconds(200);

    public static ClockMinute Current => new(Now.ToUnixTimeSeconds() / WindowSeconds);

    public ClockMinute Next => new(Number + 1);

    public DateTimeOffset Start => DateTimeOffset.FromUnixTimeSeconds(Number * WindowSeconds);

    public DateTimeOffset End => Next.Start;

    public DateTimeOffset SendingStarts => Start + Edge;

    public TimeSpan Sending => End - Edge - SendingStarts;

    public static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public static async Task WaitUntilAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        while (time - Now is { Ticks: > 0 } left)
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), cancellationToken);
    }
}
