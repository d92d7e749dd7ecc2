using System.Collections.Concurrent;

namespace ApiKeys.Server.Verification.Usage;

/// <summary>When each key was last accepted, since the last time it was taken; in memory, so that a use costs no write.</summary>
internal sealed class LastUse
{
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _uses = new();

    public void Record(Guid apiKeyId, DateTimeOffset at) =>
        _uses.AddOrUpdate(apiKeyId, static (_, at) => at, static (_, known, at) => known > at ? known : at, at);

    /// <summary>All that was recorded, which is then forgotten. What is recorded meanwhile waits for the next time.</summary>
    public IReadOnlyCollection<KeyValuePair<Guid, DateTimeOffset>> Take() => [.. _uses.Where(_uses.TryRemove)];

    /// <summary>What was taken and could not be written.</summary>
    public void PutBack(IEnumerable<KeyValuePair<Guid, DateTimeOffset>> uses)
    {
        foreach (var (apiKeyId, at) in uses)
            Record(apiKeyId, at);
    }
}
