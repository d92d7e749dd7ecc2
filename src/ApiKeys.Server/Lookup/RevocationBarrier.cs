using ApiKeys.Server.Database;

namespace ApiKeys.Server.Lookup;

/// <summary>
/// Waits until no node answers from what it remembered before the last committed change: each has said that it applied the change,
/// or has not been heard of for so long that its lease has ended.
/// </summary>
internal class RevocationBarrier(IClusterStore store, Node node, MonotonicClock clock)
{
    /// <summary>Nodes that are well need a millisecond, or some; for the others it does not matter.</summary>
    private const int LooksAtOnce = 8;
    private const int QuickLooks = 24;
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Who does not want to wait at all is told what one look finds, if that comes so soon.</summary>
    private static readonly TimeSpan ShortestLook = TimeSpan.FromMilliseconds(250);

    private LeaseWatch _sweep = new(clock, everything: true);

    /// <summary>To be called after the change was committed, and not before.</summary>
    /// <param name="patience">After this long the answer is what is known by then; null waits to the end.</param>
    /// <param name="cancellationToken">Ends the wait; the change stays.</param>
    public async Task<BarrierResult> WaitAsync(TimeSpan? patience, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var watch = new LeaseWatch(clock, everything: false);
        for (var looks = 1; ; looks++)
        {
            if ((node.Polls && looks == 1) || looks == QuickLooks)
                node.Wake(); // it has not been told, or not yet

            await TryLookAsync(watch, patience - clock.GetElapsedTime(started), cancellationToken);
            var elapsed = clock.GetElapsedTime(started);
            if (watch.IsThrough || elapsed >= watch.LongestLease)
                return new BarrierResult(watch.Nodes, watch.Confirmed, elapsed, Remaining: null);

            if (elapsed >= patience)
                return new BarrierResult(watch.Nodes, watch.Confirmed, elapsed, watch.LongestLease - elapsed);

            if (looks < LooksAtOnce)
                continue;

            var pause = looks < QuickLooks ? ShortestPause : LongestPause;
            var rest = patience - elapsed;
            await Task.Delay(rest > TimeSpan.Zero && rest < pause ? rest.Value : pause, clock, cancellationToken);
        }
    }

    /// <summary>
    /// Removes the rows of nodes that died, so that no change has to wait for them. To be called every now and then: a row that is
    /// as it was at the last call, and that call long enough ago, is dead. While the database was away none was renewed: it is begun anew.
    /// </summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var sweep = _sweep;
        _sweep = new LeaseWatch(clock, everything: true);
        sweep.Saw(await store.LookAsync(cancellationToken));
        _sweep = sweep;
        foreach (var dead in sweep.StoodStill())
            await store.FenceAsync(dead.Id, dead.Beat, cancellationToken);
    }

    /// <summary>Looks, and removes the rows of those whose lease has ended; in so much time, if there is no more.</summary>
    private async Task TryLookAsync(LeaseWatch watch, TimeSpan? rest, CancellationToken cancellationToken)
    {
        using var patience = rest is { } time ? new CancellationTokenSource(time > ShortestLook ? time : ShortestLook, clock) : null;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience?.Token ?? default);
        try
        {
            watch.Saw(await store.LookAsync(either.Token));
            foreach (var dead in watch.StoodStill())
                await store.FenceAsync(dead.Id, dead.Beat, either.Token);
        }
        catch (Exception exception) when (DatabaseFaults.IsUnavailable(exception) || patience is { IsCancellationRequested: true })
        {
            // It is asked again, if there is time. Time ends leases by itself.
        }
    }
}

/// <summary>What a change has come to.</summary>
/// <param name="Nodes">How many there were when the change had been committed.</param>
/// <param name="Confirmed">How many of them have said that they applied it; the leases of the others have ended, or will.</param>
/// <param name="Elapsed">Since the change was committed.</param>
/// <param name="Remaining">After this long it is in force on every node in any case; null where it is already.</param>
internal sealed record BarrierResult(int Nodes, int Confirmed, TimeSpan Elapsed, TimeSpan? Remaining);
