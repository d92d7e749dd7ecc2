using System.Runtime.InteropServices;

namespace ApiKeys.AspNetCore.Leases;

/// <summary>
/// The time since the machine was started, that in which it was suspended included; nobody can set it. A lease must not outlive
/// the lid of a laptop, and CLOCK_MONOTONIC, which is what <see cref="TimeProvider.System"/> reads on Linux, stands still there.
/// </summary>
internal partial class MonotonicClock : TimeProvider
{
    private const int ClockBoottime = 7;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private static readonly bool HasBoottime = OperatingSystem.IsLinux() && Read(ClockBoottime, out _) == 0;

    public override long TimestampFrequency => HasBoottime ? NanosecondsPerSecond : base.TimestampFrequency;

    public override long GetTimestamp()
    {
        if (!HasBoottime)
            return base.GetTimestamp();

        return Read(ClockBoottime, out var time) == 0
            ? (time.Seconds * NanosecondsPerSecond) + time.Nanoseconds
            : throw new InvalidOperationException("clock_gettime(CLOCK_BOOTTIME) answered before, and does no more.");
    }

    /// <summary>Some twenty nanoseconds, and it never blocks: not worth telling the garbage collector of.</summary>
    [LibraryImport("libc", EntryPoint = "clock_gettime"), SuppressGCTransition]
    private static partial int Read(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
