using System.Collections.Concurrent;
using ApiKeys.Server.Lookup;

namespace ApiKeys.Server.Verification.Usage;

/// <summary>When each key was last accepted, since the last time it was taken; in memory, so that a use costs no write.</summary>
internal sealed class LastUse
{
    private readonly ConcurrentQueue<KeySnapshot> _used = new();
    private readonly Lock _taking = new();
    private Dictionary<Guid, Use> _unwritten = [];

    public void Record(KeySnapshot key, DateTimeOffset at, bool isPrevious)
    {
        if (key.Use.Note(at, isPrevious))
            _used.Enqueue(key);
    }

    /// <summary>All that was recorded, by the key's row, which is then forgotten. What is recorded meanwhile waits for the next time.</summary>
    public IReadOnlyDictionary<Guid, Use> Take()
    {
        lock (_taking)
        {
            var taken = _unwritten;
            _unwritten = [];
            while (_used.TryDequeue(out var key))
            {
                var (at, previousAt) = key.Use.Take();
                Merge(taken, key.Id, new Use(at, previousAt));
            }

            return taken;
        }
    }

    /// <summary>What was taken and could not be written.</summary>
    public void PutBack(IReadOnlyDictionary<Guid, Use> uses)
    {
        lock (_taking)
        {
            foreach (var (id, use) in uses)
                Merge(_unwritten, id, use);
        }
    }

    private static void Merge(Dictionary<Guid, Use> uses, Guid id, Use use) =>
        uses[id] = uses.TryGetValue(id, out var known) ? known.With(use) : use;

    /// <param name="At">By whichever secret.</param>
    /// <param name="PreviousAt">By the secret before the current one; null where not at all.</param>
    internal sealed record Use(DateTimeOffset At, DateTimeOffset? PreviousAt)
    {
        public Use With(Use other) => new(Later(At, other.At)!.Value, Later(PreviousAt, other.PreviousAt));

        private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) =>
            one is null || other > one ? other : one;
    }
}
