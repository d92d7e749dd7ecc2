using System.Collections.Concurrent;

namespace ApiKeys.Server.Verification.Usage;

/// <summary>When each key was last accepted, since the last time it was taken; in memory, so that a use costs no write.</summary>
internal sealed class LastUse
{
    private readonly ConcurrentDictionary<Guid, Use> _uses = new();

    /// <param name="apiKeyId">The key's row.</param>
    /// <param name="at">When.</param>
    /// <param name="isPrevious">Whether it was by the secret before the current one.</param>
    public void Record(Guid apiKeyId, DateTimeOffset at, bool isPrevious) =>
        Record(apiKeyId, new Use(at, isPrevious ? at : null));

    /// <summary>All that was recorded, which is then forgotten. What is recorded meanwhile waits for the next time.</summary>
    public IReadOnlyCollection<KeyValuePair<Guid, Use>> Take() => [.. _uses.Where(_uses.TryRemove)];

    /// <summary>What was taken and could not be written.</summary>
    public void PutBack(IEnumerable<KeyValuePair<Guid, Use>> uses)
    {
        foreach (var (apiKeyId, use) in uses)
            Record(apiKeyId, use);
    }

    private void Record(Guid apiKeyId, Use use) =>
        _uses.AddOrUpdate(apiKeyId, static (_, use) => use, static (_, known, use) => known.With(use), use);

    /// <param name="At">By whichever secret.</param>
    /// <param name="PreviousAt">By the secret before the current one; null where not at all.</param>
    internal sealed record Use(DateTimeOffset At, DateTimeOffset? PreviousAt)
    {
        public Use With(Use other) => new(Later(At, other.At)!.Value, Later(PreviousAt, other.PreviousAt));

        private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) =>
            one is null || other > one ? other : one;
    }
}
