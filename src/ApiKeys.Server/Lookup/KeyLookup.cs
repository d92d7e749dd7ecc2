using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Threading.RateLimiting;
using ApiKeys.Server.Database;

namespace ApiKeys.Server.Lookup;

/// <summary>
/// Finds a key by its id: in memory while the node's lease lasts, else by one read of the database. Requests that miss the same key
/// share a read, no more than so many reads run at once, and while the database is away nobody waits for it.
/// </summary>
internal sealed partial class KeyLookup : IDisposable
{
    private const int MaxReadsWaiting = 1_000;
    private const int MaxReads = 3;
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<(PackedKeyId Id, long Generation), Lazy<Task<KeyFound>>> _underWay = new();
    private readonly KeyCache _cache;
    private readonly UnknownKeys _unknown;
    private readonly MetKeys _met = new();
    private readonly Lease _lease;
    private readonly IKeySource _source;
    private readonly MonotonicClock _clock;
    private readonly Random _random;
    private readonly ILogger<KeyLookup> _logger;
    private readonly ConcurrencyLimiter _reads;
    private long _restsUntil = long.MinValue;

    public KeyLookup(
        KeyCache cache, UnknownKeys unknown, Lease lease, IKeySource source, LookupOptions options, MonotonicClock clock, Random random,
        ILogger<KeyLookup> logger)
    {
        (_cache, _unknown, _lease, _source, _clock, _random, _logger) = (cache, unknown, lease, source, clock, random, logger);
        _reads = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = options.MaxConcurrentReads,
            QueueLimit = MaxReadsWaiting,
        });
    }

    /// <summary>From memory alone: takes no lock, allocates nothing.</summary>
    /// <returns>False where memory cannot tell.</returns>
    public bool TryFind(PackedKeyId id, out KeyFound found)
    {
        if (_lease.Holds(out var now))
        {
            if (_cache.Find(id) is { } key)
            {
                found = KeyFound.Of(key, now);
                return true;
            }

            if (_unknown.Contains(id, _cache.Generation))
            {
                found = KeyFound.Unknown;
                return true;
            }
        }

        found = default;
        return false;
    }

    /// <summary>Whether there was such a key when it was last read, as far as is remembered.</summary>
    public bool HasMet(PackedKeyId id) => _met.Contains(id);

    /// <summary>
    /// By a read of the database, a read under way perhaps. If something changed meanwhile, it is asked again: a later read may have
    /// been answered from an older state, and be remembered.
    /// </summary>
    public async ValueTask<KeyFound> FindAsync(PackedKeyId id, CancellationToken cancellationToken)
    {
        for (var reads = 1; _lease.Holds(out _); reads++)
        {
            var place = (id, _cache.Generation); // a read that began before the last change is none of ours
            var own = new Lazy<Task<KeyFound>>(() => ReadForAllAsync(place));
            var read = _underWay.GetOrAdd(place, own);
            var found = await read.Value.WaitAsync(cancellationToken);
            if (read != own)
                found = found with { IsNews = false };

            if (!found.IsKnown || place.Generation == _cache.Generation)
                return found;

            if (reads == MaxReads)
            {
                _cache.Forget(id);
                return found;
            }

            if (TryFind(id, out var remembered))
                return remembered;
        }

        return await ReadAsync(id, keptAs: null).WaitAsync(cancellationToken); // not even what others have begun to read
    }

    public void Dispose() => _reads.Dispose();

    /// <summary>Whether the database was found to be away a moment ago.</summary>
    private bool Rests => _clock.GetTimestamp() < Volatile.Read(ref _restsUntil);

    private async Task<KeyFound> ReadForAllAsync((PackedKeyId Id, long Generation) place)
    {
        try
        {
            return await ReadAsync(place.Id, place.Generation);
        }
        finally
        {
            _underWay.TryRemove(place, out _);
        }
    }

    /// <param name="id">Of the key.</param>
    /// <param name="keptAs">The generation of before; null where nothing may be kept.</param>
    private async Task<KeyFound> ReadAsync(PackedKeyId id, long? keptAs)
    {
        if (Rests)
            return KeyFound.Unavailable;

        using var timeout = new CancellationTokenSource(ReadTimeout, _clock); // of the wait for a turn too
        try
        {
            using var turn = await _reads.AcquireAsync(permitCount: 1, timeout.Token);
            return turn.IsAcquired && !Rests ? await ReadInTurnAsync(id, keptAs, timeout.Token) : KeyFound.Unavailable;
        }
        catch (OperationCanceledException)
        {
            return KeyFound.Unavailable;
        }
    }

    private async Task<KeyFound> ReadInTurnAsync(PackedKeyId id, long? keptAs, CancellationToken cancellationToken)
    {
        try
        {
            var key = await ReadTwiceAsync(id, cancellationToken);
            var isNews = key is null && !_unknown.HasSeen(id);
            if (key is not null)
                _met.Add(id);

            if (keptAs is not { } generation)
                _cache.Forget(id); // this read may be newer, and the lease may come back: what was refused would be accepted again
            else if (key is null)
                _unknown.Add(id, generation);
            else
                _cache.TryKeep(key, generation);

            return key is null ? KeyFound.Unknown with { IsNews = isNews }
                : _lease.DatabaseTime() is { } now ? KeyFound.Of(key, now)
                : KeyFound.Unavailable; // nobody has told yet what time it is
        }
        catch (Exception exception) when (exception is OperationCanceledException || DatabaseFaults.IsUnavailable(exception))
        {
            // Before the next one has his turn: he need not try.
            var rest = ShortestRest * (1 + (2 * _random.NextDouble()));
            Volatile.Write(ref _restsUntil, _clock.GetTimestamp() + (long)(rest.TotalSeconds * _clock.TimestampFrequency));
            LogAway(_logger, id.ToString(), exception.GetBaseException().Message);
            return KeyFound.Unavailable;
        }
    }

    /// <summary>The connection may have been dead since the last time that it was used: another may live.</summary>
    private async Task<KeySnapshot?> ReadTwiceAsync(PackedKeyId id, CancellationToken cancellationToken)
    {
        try
        {
            return await _source.ReadAsync(id, cancellationToken);
        }
        catch (Exception exception) when (DatabaseFaults.IsUnavailable(exception))
        {
            return await _source.ReadAsync(id, cancellationToken);
        }
    }

    [LoggerMessage(200, LogLevel.Warning, "The database cannot be reached to verify {KeyId}: {Reason}")]
    private static partial void LogAway(ILogger logger, string keyId, string reason);
}

/// <summary>How a lookup ended.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct KeyFound
{
    public static readonly KeyFound Unknown = new() { IsKnown = true };

    /// <summary>The database is away, and memory may not be asked.</summary>
    public static readonly KeyFound Unavailable;

    /// <summary>Null where there is no such key, or where nobody can tell.</summary>
    public KeySnapshot? Key { get; private init; }

    /// <summary>The database's time of day, where there is a key.</summary>
    public DateTimeOffset Now { get; private init; }

    /// <summary>False where nobody can tell.</summary>
    public bool IsKnown { get; private init; }

    /// <summary>Whether it took a read to find out that there is no such key, and nobody knew before.</summary>
    public bool IsNews { get; init; }

    public static KeyFound Of(KeySnapshot key, DateTimeOffset now) => new() { Key = key, Now = now, IsKnown = true };
}
