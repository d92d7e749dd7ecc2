namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>The clock of one machine: it began anywhere, and runs too fast or too slow by so many millionths. Its timers are late.</summary>
internal sealed class SimulatedClock(World world, SimulatedProcess process, long offset, int driftPpm) : MonotonicClock
{
    private const long Million = 1_000_000;
    private const long LatestTimer = 2 * Nanoseconds.Millisecond;

    public override long TimestampFrequency => Nanoseconds.Second;

    public override long GetTimestamp() => offset + world.Now + (world.Now / Million * driftPpm) + (world.Now % Million * driftPpm / Million);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private void Set(Timer.Setting setting, TimeSpan dueTime)
    {
        var trueTime = (long)(Nanoseconds.Of(dueTime) * (Million / (double)(Million + driftPpm))) + 1;
        world.Scheduler.At(world.Now + trueTime + world.Random.Between(0, LatestTimer), process, Timer.Due, setting);
    }

    private sealed class Timer(SimulatedClock clock, TimerCallback callback, object? state) : ITimer
    {
        public static readonly SendOrPostCallback Due = static setting => ((Setting)setting!).Timer.OnDue((Setting)setting);

        private Setting? _setting;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (period != Timeout.InfiniteTimeSpan)
                throw new NotSupportedException("Timers here ring once.");

            _setting = null;
            if (dueTime != Timeout.InfiniteTimeSpan)
                clock.Set(_setting = new Setting(this), dueTime);

            return true;
        }

        public void Dispose() => _setting = null;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void OnDue(Setting setting)
        {
            if (_setting != setting) // set anew since, or stopped
                return;

            _setting = null;
            callback(state);
        }

        public sealed class Setting(Timer timer)
        {
            public Timer Timer => timer;
        }
    }
}
