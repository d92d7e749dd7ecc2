namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>
/// What is to happen, in the order of simulated time; what is to happen at the same time, in an order that the seed decides.
/// One thing happens at a time, on the thread that calls <see cref="RunUntil"/>.
/// </summary>
internal sealed class Scheduler(SimulatedRandom random)
{
    private readonly PriorityQueue<Happening, (long Time, ulong Tie)> _queue = new(256);

    /// <summary>The true time, which no clock of a machine shows.</summary>
    public long Now { get; private set; }

    /// <param name="time">When; not before now.</param>
    /// <param name="process">Whose it is: it waits while this one is paused, and does not happen once it is dead. Null: the world's.</param>
    /// <param name="run">What.</param>
    /// <param name="state">Its argument.</param>
    public void At(long time, SimulatedProcess? process, SendOrPostCallback run, object? state) =>
        _queue.Enqueue(new Happening(process, run, state), (Math.Max(time, Now), random.NextBits()));

    public void At(long time, SimulatedProcess? process, Action run) => At(time, process, static action => ((Action)action!)(), run);

    public void RunUntil(long end)
    {
        var before = SynchronizationContext.Current;
        while (_queue.TryPeek(out var next, out var due) && due.Time <= end)
        {
            _queue.Dequeue();
            Now = due.Time;
            if (next.Process is { IsDead: true })
                continue;

            if (next.Process is { } process && process.PausedUntil > Now)
            {
                _queue.Enqueue(next, (process.PausedUntil, random.NextBits()));
                continue;
            }

            SynchronizationContext.SetSynchronizationContext(next.Process);
            next.Run(next.State);
        }

        SynchronizationContext.SetSynchronizationContext(before);
        Now = Math.Max(Now, end);
    }

    public void Stop() => _queue.Clear();

    private readonly record struct Happening(SimulatedProcess? Process, SendOrPostCallback Run, object? State);
}
