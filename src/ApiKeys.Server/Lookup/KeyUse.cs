namespace ApiKeys.Server.Lookup;

/// <summary>When a key was last accepted, by whichever secret and by the previous one; since the last time that it was taken.</summary>
internal sealed class KeyUse
{
    private long _at;
    private long _previousAt;
    private int _isNoted;

    /// <returns>True for the first use since it was taken: somebody has to remember to take it again.</returns>
    public bool Note(DateTimeOffset at, bool byPrevious)
    {
        Raise(ref _at, at.UtcTicks);
        if (byPrevious)
            Raise(ref _previousAt, at.UtcTicks);

        return Volatile.Read(ref _isNoted) == 0 && Interlocked.Exchange(ref _isNoted, 1) == 0;
    }

    public (DateTimeOffset At, DateTimeOffset? PreviousAt) Take()
    {
        Volatile.Write(ref _isNoted, 0); // first: a use from here on is noted again
        Interlocked.MemoryBarrier();
        var previousAt = Volatile.Read(ref _previousAt);
        return (new(Volatile.Read(ref _at), TimeSpan.Zero), previousAt == 0 ? null : new(previousAt, TimeSpan.Zero));
    }

    /// <summary>A millisecond is what is stored; writing less often leaves the cache line to all cores.</summary>
    private static void Raise(ref long ticks, long to)
    {
        if (to - Volatile.Read(ref ticks) >= TimeSpan.TicksPerMillisecond)
            Volatile.Write(ref ticks, to);
    }
}
