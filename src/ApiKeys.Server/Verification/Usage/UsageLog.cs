using System.Collections.Concurrent;
using System.Net;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Lookup;

namespace ApiKeys.Server.Verification.Usage;

/// <summary>What keys were used for, since it was last taken to be written; in memory, so that a use costs no write.</summary>
internal sealed class UsageLog
{
    private readonly ConcurrentQueue<KeyUse> _used = new();
    private readonly Lock _taking = new();
    private UsageBatch _unwritten = new();

    public void Record(KeySnapshot key, SecretUsed secret, ApiKeyOutcome outcome, IPAddress? address, DateTimeOffset at, int uses = 1)
    {
        var day = (int)(at.UtcTicks / TimeSpan.TicksPerDay);
        var use = key.Use;
        if (use is null || use.Day != day)
            key.Use = use = new KeyUse(key.Id, key.SecretNumber, day); // the one of before is in the queue, if there is anything in it

        if (use.Note(secret, outcome, address, at, uses))
            _used.Enqueue(use);
    }

    /// <summary>All that was recorded, which is then forgotten. What is recorded meanwhile waits for the next time.</summary>
    public UsageBatch Take()
    {
        lock (_taking)
        {
            var taken = _unwritten;
            _unwritten = new UsageBatch();
            for (var i = _used.Count; i > 0 && _used.TryDequeue(out var use); i--)
                taken.Add(use);

            return taken;
        }
    }

    /// <summary>What was taken and could not be written; nobody else may have taken meanwhile.</summary>
    public void PutBack(UsageBatch batch)
    {
        lock (_taking)
            _unwritten = batch;
    }

    /// <summary>How many notes found no room since the last time.</summary>
    public long TakeLost()
    {
        lock (_taking)
            return _unwritten.TakeLost();
    }
}
