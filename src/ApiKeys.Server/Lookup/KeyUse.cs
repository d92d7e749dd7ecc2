using System.Net;
using System.Runtime.InteropServices;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Lookup;

/// <summary>
/// What one key was used for on one day, since somebody last took it to write it down. Noting a use takes a lock only where the
/// address is another one than at the last time.
/// </summary>
/// <param name="keyId">The key's row.</param>
/// <param name="secretNumber">Of its current secret.</param>
/// <param name="day">In days since year 1, UTC.</param>
internal sealed class KeyUse(Guid keyId, int secretNumber, int day)
{
    private static readonly int Outcomes = Enum.GetValues<ApiKeyOutcome>().Length;
    private static readonly int Secrets = Enum.GetValues<SecretUsed>().Length;

    private readonly Cell?[] _cells = new Cell?[Secrets * Outcomes];
    private readonly List<AddressUse> _addresses = [];
    private AddressUse? _latest;
    private int _isNoted;

    public Guid KeyId => keyId;

    public int Day => day;

    /// <returns>True for the first use since it was taken: somebody has to remember to take it again.</returns>
    public bool Note(SecretUsed secret, ApiKeyOutcome outcome, IPAddress? address, DateTimeOffset at, int uses)
    {
        ref var cell = ref _cells[((int)secret * Outcomes) + (int)outcome];
        (cell ?? Interlocked.CompareExchange(ref cell, new Cell(), null) ?? cell).Note(at.UtcTicks, uses);
        if (address is not null && secret != SecretUsed.Neither)
            Note(address, secret, at.UtcTicks);

        return Volatile.Read(ref _isNoted) == 0 && Interlocked.Exchange(ref _isNoted, 1) == 0;
    }

    /// <summary>All that was noted, which is then forgotten.</summary>
    public void Take(ICollection<Count> counts, ICollection<Address> addresses)
    {
        Volatile.Write(ref _isNoted, 0); // first: a use from here on is noted again
        Interlocked.MemoryBarrier();
        for (var i = 0; i < _cells.Length; i++)
            if (Volatile.Read(ref _cells[i])?.Take() is { Uses: > 0 } taken)
                counts.Add(new Count(NumberOf((SecretUsed)(i / Outcomes)), (ApiKeyOutcome)(i % Outcomes), taken.Uses, At(taken.First), At(taken.Last)));

        lock (_addresses)
        {
            foreach (var use in _addresses)
                addresses.Add(new Address(use.Address, NumberOf(use.Secret), At(Volatile.Read(ref use.At))));

            _addresses.Clear();
            _latest = null;
        }
    }

    private void Note(IPAddress address, SecretUsed secret, long at)
    {
        if (Volatile.Read(ref _latest) is { } latest && latest.Is(address, secret))
        {
            Raise(ref latest.At, at);
            return;
        }

        lock (_addresses)
        {
            var known = AddressOf(address, secret);
            Raise(ref known.At, at);
            Volatile.Write(ref _latest, known);
        }
    }

    /// <summary>The one that is there, or a new one in the place of that secret's oldest.</summary>
    private AddressUse AddressOf(IPAddress address, SecretUsed secret)
    {
        var (count, oldest) = (0, (AddressUse?)null);
        foreach (var use in _addresses) // no delegate: it would be made at each use
        {
            if (use.Is(address, secret))
                return use;

            if (use.Secret == secret)
                (count, oldest) = (count + 1, oldest is null || use.At < oldest.At ? use : oldest);
        }

        if (count == KeyUsageAddress.MaxPerSecret)
            _addresses.Remove(oldest!);

        var added = new AddressUse(address, secret);
        _addresses.Add(added);
        return added;
    }

    private int NumberOf(SecretUsed secret) => secret switch
    {
        SecretUsed.Current => secretNumber,
        SecretUsed.Previous => secretNumber - 1,
        _ => 0,
    };

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);

    /// <summary>A millisecond is what is shown; writing less often leaves the cache line to all cores.</summary>
    private static void Raise(ref long ticks, long to)
    {
        if (to - Volatile.Read(ref ticks) >= TimeSpan.TicksPerMillisecond)
            Volatile.Write(ref ticks, to);
    }

    /// <param name="SecretNumber">The secret's; 0 where it was neither of the two.</param>
    /// <param name="Outcome">How they ended.</param>
    /// <param name="Uses">How many.</param>
    /// <param name="First">When the first was.</param>
    /// <param name="Last">When the last was.</param>
    public sealed record Count(int SecretNumber, ApiKeyOutcome Outcome, long Uses, DateTimeOffset First, DateTimeOffset Last);

    /// <param name="From">From where a right secret came.</param>
    /// <param name="SecretNumber">Which it was.</param>
    /// <param name="At">When it came from there last.</param>
    public sealed record Address(IPAddress From, int SecretNumber, DateTimeOffset At);

    /// <summary>One way in which uses end, by one secret.</summary>
    private sealed class Cell
    {
        private long _first;
        private long _last;
        private long _uses;

        public void Note(long at, int uses)
        {
            if (Volatile.Read(ref _first) == 0)
                Interlocked.CompareExchange(ref _first, at, 0);

            Raise(ref _last, at);
            Interlocked.Add(ref _uses, uses);
        }

        public Taken Take()
        {
            var uses = Interlocked.Exchange(ref _uses, 0);
            var (first, last) = (Interlocked.Exchange(ref _first, 0), Volatile.Read(ref _last));
            return new Taken(uses, first == 0 ? last : first, last); // a use that is being noted may have seen the first of before
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Taken(long Uses, long First, long Last);

    private sealed class AddressUse(IPAddress address, SecretUsed secret)
    {
        public long At;

        public IPAddress Address => address;

        public SecretUsed Secret => secret;

        public bool Is(IPAddress other, SecretUsed by) => by == secret && address.Equals(other);
    }
}

/// <summary>What a presented value turned out to be.</summary>
internal enum SecretUsed
{
    /// <summary>Neither secret of the key whose id it names.</summary>
    Neither,

    Current,

    /// <summary>The one before, in its grace period or after it.</summary>
    Previous,
}
