namespace ApiKeys.Server.Lookup;

/// <summary>Watches the rows of leases over several looks: who has acknowledged, and whose beat stands still for how long.</summary>
internal sealed class LeaseWatch(MonotonicClock clock, bool everything)
{
    private readonly Dictionary<Guid, Sighting> _sightings = [];
    private readonly HashSet<Guid> _confirmed = [];
    private HashSet<Guid> _first = [];

    /// <summary>The number to be acknowledged: the head at the first look. Null before that.</summary>
    public long? Target { get; private set; }

    /// <summary>How many leases there were at the first look.</summary>
    public int Nodes => _first.Count;

    /// <summary>How many of those have acknowledged.</summary>
    public int Confirmed => _confirmed.Count;

    /// <summary>Whether, at the last look, nobody was left who had not acknowledged.</summary>
    public bool IsThrough => Target is not null && _sightings.Count == 0;

    /// <summary>After this long every lease has ended, by any clock, that was not renewed since the first look.</summary>
    public TimeSpan LongestLease { get; private set; } = LookupOptions.EndOfAny;

    public void Saw(NodesSeen seen)
    {
        var now = clock.GetTimestamp(); // after the answer, so that no beat is taken for older than it is
        if (Target is null)
        {
            Target = seen.Head;
            _first = [.. seen.Leases.Select(lease => lease.Id)];
            LongestLease = seen.Leases.Select(lease => LookupOptions.EndOf(lease.Length)).DefaultIfEmpty().Max();
        }

        _confirmed.UnionWith(seen.Leases.Where(lease => lease.Acked >= Target && _first.Contains(lease.Id)).Select(lease => lease.Id));
        var pending = seen.Leases.Where(lease => everything || lease.Acked < Target).ToList();
        foreach (var lease in pending)
        {
            if (!_sightings.TryGetValue(lease.Id, out var sighting) || sighting.Lease.Beat != lease.Beat)
                _sightings[lease.Id] = new Sighting(lease, now);
        }

        foreach (var gone in _sightings.Keys.Except(pending.Select(lease => lease.Id)).ToList())
            _sightings.Remove(gone);
    }

    /// <summary>Those whose lease has ended, since they were not renewed while it lasted.</summary>
    public IReadOnlyList<LeaseSeen> StoodStill() =>
    [
        .. _sightings.Values
            .Where(sighting => clock.GetElapsedTime(sighting.Since) >= LookupOptions.EndOf(sighting.Lease.Length))
            .Select(sighting => sighting.Lease),
    ];

    private sealed record Sighting(LeaseSeen Lease, long Since);
}
