namespace ApiKeys.AspNetCore.Leases;

/// <summary>
/// This node's right to answer from memory, and the database's time of day, which come together with each renewal. Written by
/// <see cref="Node"/> alone, read by every request.
/// </summary>
internal class Lease(MonotonicClock clock, LeaseOptions options)
{
    private readonly long _length = (long)(options.Lease.TotalSeconds * clock.TimestampFrequency);
    private volatile Term? _term;

    /// <summary>Whether memory may be asked at this moment, and what time it is in the database.</summary>
    public bool Holds(out DateTimeOffset now)
    {
        var timestamp = clock.GetTimestamp();
        if (_term is { } term && timestamp < term.Deadline)
        {
            now = TimeAt(term, timestamp);
            return true;
        }

        now = default;
        return false;
    }

    /// <summary>
    /// The latest that it can be in the database now, whatever this machine's wall clock says. Null before the first registration.
    /// </summary>
    public DateTimeOffset? DatabaseTime() => _term is { } term ? TimeAt(term, clock.GetTimestamp()) : null;

    /// <param name="start">A moment before the renewal was sent: whoever sees the row as it is now counts from a later one.</param>
    /// <param name="databaseTime">What the database answered, which was later than the start too.</param>
    public void Extend(long start, DateTimeOffset databaseTime) => _term = new Term(start + _length, start, databaseTime);

    /// <summary>From now on nothing is answered from memory.</summary>
    public void End() => _term = _term is { } term ? term with { Deadline = long.MinValue } : null;

    protected virtual DateTimeOffset TimeAt(Term term, long timestamp) =>
        term.DatabaseTime + clock.GetElapsedTime(term.Start, timestamp);

    /// <summary>From one renewal to the next.</summary>
    protected internal sealed record Term(long Deadline, long Start, DateTimeOffset DatabaseTime);
}
