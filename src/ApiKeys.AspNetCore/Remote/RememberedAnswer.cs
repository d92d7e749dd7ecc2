using System.Net;
using ApiKeys.AspNetCore.Leases;
using ApiKeys.AspNetCore.Values;

namespace ApiKeys.AspNetCore.Remote;

/// <summary>One value that was accepted: its hash, whose it is, and how often that was said.</summary>
internal sealed class RememberedAnswer(SecretHash hash, ApiKeyDecision decision, int secretNumber)
{
    private int _accepted;
    private int _withoutScope;
    private IPAddress? _lastAddress;

    public SecretHash Hash => hash;

    public ApiKeyDecision Decision => decision;

    public int SecretNumber => secretNumber;

    /// <summary>Whether it holds for one address alone.</summary>
    public required bool IsForAddress { get; init; }

    /// <summary>The one that it was asked for.</summary>
    public required IPAddress? Address { get; init; }

    /// <summary>From this timestamp on it is refused.</summary>
    public required long Deadline { get; init; }

    /// <summary>And from this time of the database on, which each renewal tells: two clocks run apart in the months that a key may be remembered.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Up to this timestamp it is kept without a lease.</summary>
    public required long KeptUntil { get; init; }

    public bool IsFor(IPAddress? from) => !IsForAddress || Equals(Address, from);

    /// <returns>True for the first since they were taken: somebody has to remember to take them.</returns>
    public bool Note(ApiKeyOutcome outcome, IPAddress? from)
    {
        if (!ReferenceEquals(_lastAddress, from))
            _lastAddress = from;

        return Interlocked.Increment(ref outcome == ApiKeyOutcome.Accepted ? ref _accepted : ref _withoutScope) == 1;
    }

    public void Take(ICollection<RememberedUse> uses)
    {
        Take(ref _accepted, ApiKeyOutcome.Accepted, uses);
        Take(ref _withoutScope, ApiKeyOutcome.InsufficientScope, uses);
    }

    private void Take(ref int count, ApiKeyOutcome outcome, ICollection<RememberedUse> uses)
    {
        if (Interlocked.Exchange(ref count, 0) is > 0 and var taken)
            uses.Add(new RememberedUse(decision.Identity!.KeyId, secretNumber, outcome, taken, _lastAddress?.ToString()));
    }
}

/// <summary>The answers of one key: for its current secret, and for the one before.</summary>
internal sealed record RememberedKey : Remembered
{
    public required RememberedAnswer[] Answers { get; init; }

    /// <summary>Nobody here knows the ids of organizations and members.</summary>
    public override bool IsOf(HashSet<Guid> organizations, HashSet<Guid> members) => true;
}
