using ApiKeys.Server.Database;

namespace ApiKeys.Server.Lookup;

/// <summary>
/// Waits until no node answers from what it remembered before the last committed change: each has said that it applied the change,
/// or has not been heard of for so long that its lease has ended.
/// </summary>
internal class RevocationBarrier(INodeStore store, Node node, MonotonicClock clock)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    private readonly LeaseWatch _sweep = new(clock, everything: true);

    /// <summary>To be called after the change was committed, and not before.</summary>
    /// <param name="patience">After this long the answer is what is known by then; null waits to the end.</param>
    /// <param name="cancellationToken">Ends the wait; the change stays.</param>
    public async Task<BarrierResult> WaitAsync(TimeSpan? patience, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        node.Wake();
        var watch = new LeaseWatch(clock, everything: false);
        for (var pause = FirstPause; ; pause = pause < LongestPause ? pause * 2 : LongestPause)
        {
            await TryLookAsync(watch, cancellationToken);
            foreach (var dead in watch.StoodStill())
                await TryFenceAsync(dead, cancellationToken);

            var elapsed = clock.GetElapsedTime(started);
            if (watch.IsThrough || elapsed >= watch.LongestLease)
                return new BarrierResult(watch.Nodes, watch.Confirmed, elapsed, Remaining: null);

            if (elapsed >= patience)
                return new BarrierResult(watch.Nodes, watch.Confirmed, elapsed, watch.LongestLease - elapsed);

            var rest = patience - elapsed;
            await Task.Delay(rest > TimeSpan.Zero && rest < pause ? rest.Value : pause, clock, cancellationToken);
        }
    }

    /// <summary>
    /// Removes the rows of nodes that died, so that no change has to wait for them. To be called every now and then: a row that is
    /// as it was at the last call, and that call long enough ago, is dead.
    /// </summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        _sweep.Saw(await store.LookAsync(cancellationToken));
        foreach (var dead in _sweep.StoodStill())
            await store.FenceAsync(dead.Id, dead.Beat, cancellationToken);
    }

    private async Task TryLookAsync(LeaseWatch watch, CancellationToken cancellationToken)
    {
        try
        {
            watch.Saw(await store.LookAsync(cancellationToken));
        }
        catch (Exception exception) when (DatabaseFaults.IsUnavailable(exception))
        {
            // It is asked again. Time passes meanwhile, and ends leases by itself.
        }
    }

    private async Task TryFenceAsync(LeaseSeen dead, CancellationToken cancellationToken)
    {
        try
        {
            await store.FenceAsync(dead.Id, dead.Beat, cancellationToken);
        }
        catch (Exception exception) when (DatabaseFaults.IsUnavailable(exception))
        {
            // The next look finds the row again.
        }
    }
}

/// <summary>What a change has come to.</summary>
/// <param name="Nodes">How many there were when the change had been committed.</param>
/// <param name="Confirmed">How many of them have said that they applied it; the leases of the others have ended, or will.</param>
/// <param name="Elapsed">Since the change was committed.</param>
/// <param name="Remaining">After this long it is in force on every node in any case; null where it is already.</param>
internal sealed record BarrierResult(int Nodes, int Confirmed, TimeSpan Elapsed, TimeSpan? Remaining);
