using ApiKeys.Server.Lookup;

namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>The tables, and what one statement or transaction does to them: each method is one, and happens at one moment.</summary>
internal sealed class SimulatedDatabase(World world)
{
    private static readonly DateTimeOffset Origin = new(2026, 3, 27, 0, 0, 0, TimeSpan.Zero);

    private Tables _tables = new(Head: 0, [], [], new Cut[SimulatedKeys.Count]);

    public long Head => _tables.Head;

    /// <summary>One more each time that somebody puts an older copy in its place. No call outlives that.</summary>
    public int Epoch { get; private set; }

    public int Rows => _tables.Rows.Count;

    private DateTimeOffset Time => Origin.AddTicks(world.Now / TimeSpan.NanosecondsPerTick);

    public KeySet CutKeys => KeySet.Where(key => _tables.Keys[key] != Cut.None);

    public DateTimeOffset Register(Guid lease, TimeSpan length)
    {
        _tables.Rows.Add(new LeaseSeen(lease, 1, 0, length));
        return Time;
    }

    public Renewal? Renew(Guid lease, long beat, long acked, DateTimeOffset? ackedAt)
    {
        var row = _tables.Rows.FindIndex(row => row.Id == lease && row.Beat >= beat);
        if (row < 0 || (ackedAt is not null && !_tables.Log.Exists(entry => entry.Seq == acked && entry.At == ackedAt)))
            return null;

        _tables.Rows[row] = _tables.Rows[row] with { Beat = _tables.Rows[row].Beat + 1, Acked = Math.Min(acked, Head) };
        return new Renewal(_tables.Rows[row].Beat, Head, Time);
    }

    public bool Acknowledge(Guid lease, long beat, Invalidation applied)
    {
        var row = _tables.Rows.FindIndex(row => row.Id == lease && row.Beat >= beat && row.Acked == applied.Seq - 1);
        if (row < 0 || !_tables.Log.Exists(entry => entry.Seq == applied.Seq && entry.At == applied.At))
            return false;

        _tables.Rows[row] = _tables.Rows[row] with { Acked = applied.Seq };
        return true;
    }

    public InvalidationLog ReadLog(long from, int limit)
    {
        var skipped = 0;
        while (skipped < _tables.Log.Count && _tables.Log[skipped].Seq < from)
            skipped++;

        return new InvalidationLog(Head, _tables.Log.Count > 0 ? _tables.Log[^1].At : null, _tables.Log.GetRange(skipped, Math.Min(limit, _tables.Log.Count - skipped)));
    }

    public NodesSeen Look() => new(Head, [.. _tables.Rows]);

    public bool Fence(Guid lease, long beat) => _tables.Rows.RemoveAll(row => row.Id == lease && row.Beat == beat) > 0;

    public bool Leave(Guid lease) => _tables.Rows.RemoveAll(row => row.Id == lease) > 0;

    /// <summary>As when the next hour has come. Never the last entry.</summary>
    public void Trim() => _tables.Log.RemoveRange(0, Math.Max(0, _tables.Log.Count - 1));

    public KeySnapshot? ReadKey(PackedKeyId id)
    {
        var key = Array.IndexOf(SimulatedKeys.Packed, id);
        return key < 0 ? null : SimulatedKeys.Snapshot(key, _tables.Keys[key]);
    }

    /// <summary>The change, the head and the log in one transaction.</summary>
    public Invalidation Commit(Change change)
    {
        change.IsCommitted = true;
        for (var key = 0; key < SimulatedKeys.Count; key++)
            if (change.Keys.Contains(key))
                _tables.Keys[key] |= change.Cut;

        _tables = _tables with { Head = Head + 1 };
        var entry = new Invalidation { Seq = Head, Kind = change.Kind, Target = change.Target, At = Time };
        _tables.Log.Add(entry);
        return entry;
    }

    public Tables Copy() => new(Head, [.. _tables.Rows], [.. _tables.Log], [.. _tables.Keys]);

    public void Restore(Tables copy)
    {
        _tables = copy;
        Epoch++;
    }

    internal sealed record Tables(long Head, List<LeaseSeen> Rows, List<Invalidation> Log, Cut[] Keys);
}
