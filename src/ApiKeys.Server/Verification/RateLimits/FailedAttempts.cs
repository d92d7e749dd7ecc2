using System.Net;
using System.Net.Sockets;
using ApiKeys.AspNetCore;

namespace ApiKeys.Server.Verification.RateLimits;

/// <summary>
/// How many keys that nobody has were asked for from each address in this minute, so that guessing costs the guesser and not the
/// database. Only what cost a read is counted: neither garbage, nor a client that repeats one wrong key, brings its address any nearer
/// to the limit. A count-min sketch: of a fixed size for any number of addresses, it never counts too few.
/// </summary>
internal sealed class FailedAttempts(RateLimitOptions options, MonotonicClock clock)
{
    private const int RowLength = 1 << 15;
    private const int WindowSeconds = 60;

    /// <summary>Whoever has one IPv6 address has this much of it.</summary>
    private const int NetworkBytes = 8;

    private readonly ApiKeyRatePolicy _policy = new("address", options.FailedAttemptsPerMinute, WindowSeconds);
    private readonly int[] _first = new int[RowLength];
    private readonly int[] _second = new int[RowLength];
    private readonly Lock _turning = new();
    private long _started = clock.GetTimestamp();

    /// <param name="address">Of the client; null is never over.</param>
    /// <returns>What to tell it; null where it may go on.</returns>
    public ApiKeyRateLimit? Over(IPAddress? address)
    {
        if (address is null)
            return null;

        var passed = Turn();
        var hash = HashOf(address);
        return Math.Min(Volatile.Read(ref First(hash)), Volatile.Read(ref Second(hash))) < options.FailedAttemptsPerMinute
            ? null
            : new ApiKeyRateLimit(_policy, Remaining: 0, Math.Max(1, WindowSeconds - (int)passed.TotalSeconds));
    }

    public void Count(IPAddress? address)
    {
        if (address is null)
            return;

        Turn();
        var hash = HashOf(address);
        Interlocked.Increment(ref First(hash));
        Interlocked.Increment(ref Second(hash));
    }

    /// <returns>How much of the minute has passed.</returns>
    private TimeSpan Turn()
    {
        var passed = clock.GetElapsedTime(Volatile.Read(ref _started));
        if (passed.TotalSeconds < WindowSeconds)
            return passed;

        lock (_turning)
        {
            if (clock.GetElapsedTime(_started).TotalSeconds >= WindowSeconds)
            {
                Array.Clear(_first);
                Array.Clear(_second);
                Volatile.Write(ref _started, clock.GetTimestamp());
            }
        }

        return TimeSpan.Zero;
    }

    private ref int First(int hash) => ref _first[hash & (RowLength - 1)];

    private ref int Second(int hash) => ref _second[(hash >>> 16) & (RowLength - 1)];

    /// <summary>Seeded anew in each process: nobody can choose an address that shares the place of another's.</summary>
    private static int HashOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        plain.TryWriteBytes(bytes, out var length);
        var hash = new HashCode();
        hash.AddBytes(bytes[..(plain.AddressFamily == AddressFamily.InterNetworkV6 ? NetworkBytes : length)]);
        return hash.ToHashCode();
    }
}
