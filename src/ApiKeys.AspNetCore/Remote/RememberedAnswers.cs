using System.Collections.Concurrent;
using System.Net;
using ApiKeys.AspNetCore.Leases;
using ApiKeys.AspNetCore.Values;

namespace ApiKeys.AspNetCore.Remote;

/// <summary>
/// What the service has accepted, for as long as this process has a lease: then a change at the service waits until it is forgotten here.
/// Without a lease for a stated time at most, which is none by default.
/// </summary>
/// <remarks>
/// An answer is kept only if the node of the service that gave it had heeded, before it looked, exactly what has been heeded here: else a
/// change that has been forgotten here could come back by a node that does not know of it yet, or that goes by another log.
/// </remarks>
internal sealed class RememberedAnswers : INodeMemory
{
    /// <summary>A hundred years.</summary>
    private const long MaxMilliseconds = 100L * 365 * 24 * 3600 * 1000;

    private readonly KeyCache<RememberedKey> _keys = new(new LeaseOptions());
    private readonly ConcurrentQueue<RememberedAnswer> _used = new();
    private readonly MonotonicClock _clock;
    private readonly long _keepTicks;
    private volatile Membership? _membership;
    private long _heeded;

    /// <param name="clock">Leases go by it.</param>
    /// <param name="keep">For how long an answer is kept without a lease.</param>
    public RememberedAnswers(MonotonicClock clock, TimeSpan keep)
    {
        _clock = clock;
        _keepTicks = (long)(keep.TotalSeconds * clock.TimestampFrequency);
    }

    /// <summary>Raised by each change: what was asked for before is not kept after.</summary>
    public long Generation => _keys.Generation;

    /// <summary>Whether requests may share an answer, or each has to ask for itself, so that none gets one from before a revoke.</summary>
    public bool MayShare => HoldsLease || _keepTicks > 0;

    public bool HoldsLease => _membership is { } membership && membership.Lease.Holds(out _);

    /// <summary>From now on this process is a node.</summary>
    public void Join(Node node, Lease lease)
    {
        ((INodeMemory)this).Forget();
        _membership = new Membership(node, lease);
    }

    /// <summary>From now on it is none.</summary>
    public void Leave()
    {
        _membership = null;
        _keys.NextGeneration();
    }

    /// <returns>Null where it has to be asked.</returns>
    public RememberedAnswer? Find(PresentedValue value, IPAddress? address)
    {
        var databaseTime = default(DateTimeOffset);
        var holds = _membership is { } membership && membership.Lease.Holds(out databaseTime);
        if ((!holds && _keepTicks == 0) || _keys.Find(value.KeyId) is not { } known)
            return null;

        var now = _clock.GetTimestamp();
        foreach (var answer in known.Answers)
            if (now < (holds ? answer.Deadline : Math.Min(answer.Deadline, answer.KeptUntil)) && (!holds || databaseTime < answer.Until) && answer.IsFor(address) && answer.Hash.Matches(value.Ascii))
                return answer;

        return null;
    }

    /// <summary>Notes a use of what was found, to be told to the service.</summary>
    public void Note(RememberedAnswer answer, ApiKeyOutcome outcome, IPAddress? address)
    {
        if (answer.Note(outcome, address))
            _used.Enqueue(answer);
    }

    /// <param name="value">What was accepted.</param>
    /// <param name="decision">Without a rate limit.</param>
    /// <param name="asked">When and from where.</param>
    /// <param name="terms">What the service says of its answer.</param>
    public RememberedAnswer? TryKeep(PresentedValue value, ApiKeyDecision decision, Asked asked, AnswerTerms terms)
    {
        if (_membership is { } membership ? terms.Applied != membership.Node.Applied || terms.Applied.Seq < Volatile.Read(ref _heeded) : _keepTicks == 0)
            return null;

        var answer = new RememberedAnswer(SecretHash.Of(value.Ascii), decision, terms.SecretNumber)
        {
            IsForAddress = terms.IsForAddress,
            Address = asked.Address,
            Deadline = terms.Milliseconds is { } milliseconds ? After(asked.At, milliseconds) : long.MaxValue,
            Until = terms.Milliseconds is { } left && left < MaxMilliseconds && _membership?.Lease.DatabaseTime() is { } now
                ? now - _clock.GetElapsedTime(asked.At) + TimeSpan.FromMilliseconds(left)
                : DateTimeOffset.MaxValue,
            KeptUntil = asked.At + _keepTicks,
        };
        var other = _keys.Find(value.KeyId)?.Answers.FirstOrDefault(known => known.SecretNumber != terms.SecretNumber);
        var key = new RememberedKey { KeyId = value.KeyId, Answers = other is null ? [answer] : [answer, other] };
        return _keys.TryKeep(key, asked.Generation) ? answer : null;
    }

    /// <summary>The service has refused what was accepted: it is not accepted again by memory.</summary>
    public void Forget(PackedKeyId id)
    {
        if (_keys.Find(id) is not null)
            _keys.Forget(id);
    }

    /// <summary>All uses that were noted, which are then forgotten.</summary>
    public IReadOnlyList<RememberedUse> TakeUses(int most)
    {
        var uses = new List<RememberedUse>();
        while (uses.Count < most && _used.TryDequeue(out var answer))
            answer.Take(uses);

        return uses;
    }

    /// <summary>First the number, and then the generation: who sees the new generation sees the number.</summary>
    void INodeMemory.Apply(IEnumerable<Invalidation> invalidations)
    {
        var entries = invalidations.ToList();
        if (entries.Count > 0)
            Volatile.Write(ref _heeded, entries.Max(entry => entry.Seq));

        _keys.Apply(entries);
    }

    /// <summary>What counts from here on is the number that the node goes on from, which may be a lower one: of a database that was restored.</summary>
    void INodeMemory.Forget()
    {
        Volatile.Write(ref _heeded, 0);
        _keys.Forget();
    }

    void INodeMemory.NextGeneration() => _keys.NextGeneration();

    private long After(long timestamp, long milliseconds)
    {
        var ticks = milliseconds / 1000.0 * _clock.TimestampFrequency;
        return ticks < long.MaxValue - timestamp ? timestamp + (long)ticks : long.MaxValue; // of nanoseconds, after some 290 years
    }

    private sealed record Membership(Node Node, Lease Lease);
}

/// <param name="At">Before it was sent.</param>
/// <param name="Generation">Before it was sent.</param>
/// <param name="Address">Of the client.</param>
internal sealed record Asked(long At, long Generation, IPAddress? Address);
