using System.Collections.Concurrent;
using System.Threading.Channels;
using ApiKeys.Server.Database;
using ApiKeys.Server.Lookup;

namespace ApiKeys.Server.Verification.RateLimits;

/// <summary>
/// The allowances of all limited keys on this node. What keys want more is asked of the database by one loop, in one statement for
/// all that want it at the time, so that no traffic makes more than one statement after the other.
/// </summary>
internal sealed partial class RateLimiter(
    IAllowanceStore store, LookupOptions options, MonotonicClock clock, Random random, ILogger<RateLimiter> logger) : BackgroundService
{
    private const int MaxKeysAtOnce = 1_000;
    private static readonly TimeSpan BetweenSweeps = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<Guid, KeyLimiter> _limiters = new();
    private readonly Channel<KeyLimiter> _asked = Channel.CreateUnbounded<KeyLimiter>(new UnboundedChannelOptions { SingleReader = true });
    private long _swept = clock.GetTimestamp();
    private long _restsUntil = long.MinValue;
    private bool _isAway;

    /// <summary>Of how many keys something is held.</summary>
    public int Count => _limiters.Count;

    /// <param name="key">It has a limit.</param>
    /// <param name="cost">Of the request.</param>
    /// <returns>A verdict of <see cref="RateVerdict.Ask"/> where one would have to wait.</returns>
    public RateAnswer TryTake(KeySnapshot key, int cost) => LimiterOf(key).TryTake(cost);

    /// <inheritdoc cref="TryTake"/>
    /// <returns>A verdict of <see cref="RateVerdict.Ask"/> where the database is away.</returns>
    public async ValueTask<RateAnswer> TakeAsync(KeySnapshot key, int cost, CancellationToken cancellationToken)
    {
        var limiter = LimiterOf(key);
        if (clock.GetTimestamp() < Volatile.Read(ref _restsUntil))
            return limiter.TryTake(cost);

        var answer = limiter.TakeAsync(cost, out var isFirst);
        if (isFirst && !_asked.Writer.TryWrite(limiter))
            limiter.Fail(); // the host stops

        return await answer.WaitAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _asked.Reader.WaitToReadAsync(stoppingToken))
            {
                var asking = new List<KeyLimiter>();
                while (asking.Count < MaxKeysAtOnce && _asked.Reader.TryRead(out var limiter))
                    asking.Add(limiter);

                await AskAsync(asking, stoppingToken);
                Sweep();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops, or never started.
        }
        finally
        {
            _asked.Writer.TryComplete();
            while (_asked.Reader.TryRead(out var limiter))
                limiter.Fail();
        }
    }

    /// <summary>In the order of the keys, so that nodes which ask for the same ones never wait for each other in a circle.</summary>
    private async Task AskAsync(List<KeyLimiter> asking, CancellationToken cancellationToken)
    {
        asking.Sort((one, other) => one.KeyId.CompareTo(other.KeyId));
        try
        {
            var sent = clock.GetTimestamp();
            var grants = await store.TakeAsync(asking.ConvertAll(limiter => new Want(limiter.KeyId, limiter.Limit, limiter.Wanted)), cancellationToken);
            for (var i = 0; i < asking.Count; i++)
                if (asking[i].Receive(grants[i], sent))
                    _asked.Writer.TryWrite(asking[i]);

            _isAway = false;
        }
        catch (Exception exception)
        {
            var rest = ShortestRest * (1 + (2 * random.NextDouble()));
            Volatile.Write(ref _restsUntil, clock.GetTimestamp() + (long)(rest.TotalSeconds * clock.TimestampFrequency));
            asking.ForEach(limiter => limiter.Fail());
            if (cancellationToken.IsCancellationRequested)
                throw;

            if (!_isAway)
                LogAway(logger, DatabaseFaults.IsUnavailable(exception) ? null : exception, exception.GetBaseException().Message);

            _isAway = true;
        }
    }

    private KeyLimiter LimiterOf(KeySnapshot key)
    {
        var limit = key.RateLimit!;
        if (_limiters.TryGetValue(key.Id, out var limiter) && (ReferenceEquals(limiter.Limit, limit) || limiter.Limit == limit))
            return limiter;

        if (_limiters.Count >= options.MaxKeys)
            _limiters.Clear(); // what they have in hand is lost, which is little

        return _limiters.AddOrUpdate(
            key.Id,
            static (id, made) => new KeyLimiter(id, made.Limit, made.Clock),
            static (id, known, made) => known.Limit == made.Limit ? known : new KeyLimiter(id, made.Limit, made.Clock),
            (Limit: limit, Clock: clock));
    }

    /// <summary>Forgets the keys whose window has ended.</summary>
    private void Sweep()
    {
        if (clock.GetElapsedTime(_swept) < BetweenSweeps)
            return;

        _swept = clock.GetTimestamp();
        foreach (var (id, limiter) in _limiters)
            if (limiter.IsIdle)
                _limiters.TryRemove(KeyValuePair.Create(id, limiter));
    }

    [LoggerMessage(220, LogLevel.Warning, "The database cannot be asked for allowances of rate limits: what is in hand goes on. {Reason}")]
    private static partial void LogAway(ILogger logger, Exception? exception, string reason);
}
