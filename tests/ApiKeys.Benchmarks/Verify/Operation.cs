using System.Diagnostics;

namespace ApiKeys.Benchmarks.Verify;

/// <summary>Something small, done so often that a clock can tell how long it takes.</summary>
/// <param name="name">In the report.</param>
/// <param name="repeat">Does it so many times.</param>
internal sealed class Operation(string name, Action<int> repeat)
{
    private const double SliceMilliseconds = 4;
    private int _count = 1_000;

    public string Name { get; } = name;

    public Sample Measure()
    {
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();
        repeat(_count);
        var elapsed = Stopwatch.GetElapsedTime(started);
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        var sample = new Sample(elapsed.TotalNanoseconds / _count, (double)bytes / _count);
        _count = Math.Clamp((int)(_count * SliceMilliseconds / elapsed.TotalMilliseconds), 100, 2_000_000); // for the next round
        return sample;
    }
}

/// <summary>Of one operation.</summary>
internal sealed record Sample(double Nanoseconds, double Bytes);
