
using ApiKeys.AspNetCore.Values;

namespace ApiKeys.AspNetCore.Leases;

/// <summary>
/// What is known of keys, by key id, up to a limit. Looking one up takes no lock and allocates nothing. Each change of what is remembered raises
/// the generation, and what was read is kept only if the generation is still the one of before it was read: what was read before a
/// change is never kept after it.
/// </summary>
/// <remarks>
/// A hash table of a fixed size, with chains. Writers take a lock and change one link at a time, so a reader finds a chain as it
/// was before or after. Where it is full, the hand of a clock goes round and removes what was not used since it last came by.
/// </remarks>
/// <typeparam name="T">What is known of a key.</typeparam>
internal class KeyCache<T> : INodeMemory
    where T : Remembered
{
    private readonly Lock _writing = new();
    private readonly Entry?[] _buckets;
    private readonly int _mask;
    private readonly int _limit;
    private int _hand;
    private int _count;
    private long _generation;

    public KeyCache(LeaseOptions options)
    {
        _limit = options.MaxKeys;
        _buckets = new Entry?[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)_limit)];
        _mask = _buckets.Length - 1;
    }

    public int Count => Volatile.Read(ref _count);

    public long Generation => Volatile.Read(ref _generation);

    public T? Find(PackedKeyId id)
    {
        for (var entry = Volatile.Read(ref _buckets[id.GetHashCode() & _mask]); entry is not null; entry = Volatile.Read(ref entry.Next))
        {
            if (entry.Known.KeyId != id)
                continue;

            if (!entry.WasUsed) // writing what is there already would take the cache line from the other cores
                entry.WasUsed = true;

            return entry.Known;
        }

        return null;
    }

    /// <param name="known">What was read.</param>
    /// <param name="generation">The generation of before it was read.</param>
    /// <returns>False where something has changed since: it is not kept then.</returns>
    public bool TryKeep(T known, long generation)
    {
        lock (_writing)
        {
            if (!IsCurrent(generation))
                return false;

            Remove(known.KeyId);
            if (_count >= _limit)
                Evict();

            ref var bucket = ref _buckets[known.KeyId.GetHashCode() & _mask];
            Volatile.Write(ref bucket, new Entry(known) { Next = bucket });
            _count++;
            return true;
        }
    }

    /// <inheritdoc />
    public void Apply(IEnumerable<Invalidation> invalidations)
    {
        var (organizations, members) = (new HashSet<Guid>(), new HashSet<Guid>());
        lock (_writing)
        {
            _generation++;
            foreach (var invalidation in invalidations)
            {
                switch (invalidation.Kind)
                {
                    case InvalidationKind.Key when PackedKeyId.TryOf(invalidation.Target, out var id):
                        Remove(id);
                        break;
                    case InvalidationKind.Organization when Guid.TryParse(invalidation.Target, out var organization):
                        organizations.Add(organization);
                        break;
                    case InvalidationKind.Member when Guid.TryParse(invalidation.Target, out var member):
                        members.Add(member);
                        break;
                    default: // the catalog, and what only a later version knows
                        RemoveAll();
                        return;
                }
            }

            RemoveOf(organizations, members);
        }
    }

    /// <inheritdoc />
    public void Forget()
    {
        lock (_writing)
        {
            _generation++;
            RemoveAll();
        }
    }

    /// <summary>Forgets one key, and keeps no read under way: somebody has been told of it what may be newer.</summary>
    public void Forget(PackedKeyId id)
    {
        lock (_writing)
        {
            _generation++;
            Remove(id);
        }
    }

    /// <inheritdoc />
    public void NextGeneration()
    {
        lock (_writing)
            _generation++;
    }

    protected virtual bool IsCurrent(long generation) => generation == _generation;

    private void Remove(PackedKeyId id)
    {
        ref var link = ref _buckets[id.GetHashCode() & _mask];
        while (link is { } entry)
        {
            if (entry.Known.KeyId == id)
            {
                Unlink(ref link, entry);
                return;
            }

            link = ref entry.Next;
        }
    }

    /// <summary>One walk through the table, for however many of them.</summary>
    private void RemoveOf(HashSet<Guid> organizations, HashSet<Guid> members)
    {
        if (_count == 0 || (organizations.Count == 0 && members.Count == 0))
            return;

        for (var i = 0; i < _buckets.Length; i++)
        {
            ref var link = ref _buckets[i];
            while (link is { } entry)
            {
                if (entry.Known.IsOf(organizations, members))
                    Unlink(ref link, entry);
                else
                    link = ref entry.Next;
            }
        }
    }

    private void RemoveAll()
    {
        Array.Clear(_buckets);
        _count = 0;
    }

    private void Evict()
    {
        while (true)
        {
            ref var link = ref _buckets[_hand++ & _mask];
            while (link is { } entry)
            {
                if (!entry.WasUsed)
                {
                    Unlink(ref link, entry);
                    return;
                }

                entry.WasUsed = false;
                link = ref entry.Next;
            }
        }
    }

    /// <summary>The entry keeps its own link: a reader who stands on it finds the rest of the chain.</summary>
    private void Unlink(ref Entry? link, Entry entry)
    {
        Volatile.Write(ref link, entry.Next);
        _count--;
    }

    private sealed class Entry(T known)
    {
        public readonly T Known = known;
        public Entry? Next;
        public bool WasUsed = true;
    }
}

/// <summary>Something known of one key, which a change makes out of date.</summary>
internal abstract record Remembered
{
    public required PackedKeyId KeyId { get; init; }

    /// <summary>Whether it depends on one of these organizations or members.</summary>
    public abstract bool IsOf(HashSet<Guid> organizations, HashSet<Guid> members);
}
