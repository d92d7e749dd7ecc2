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
    private static readonly TimeSpan BetweenSearchesForRoom = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<Guid, KeyLimiter> _limiters = new();
    private readonly Channel<KeyLimiter> _asked = Channel.CreateUnbounded<KeyLimiter>(new UnboundedChannelOptions { SingleReader = true });
    private long _forgot = clock.GetTimestamp();
    private long _restsUntil = long.MinValue;
    private RateAnswer _resting;
    private bool _isAway;

    /// <summary>Of how many keys something is held.</summary>
    public int Count => _limiters.Count;

    /// <param name="key">It has a limit.</param>
    /// <param name="cost">Of the request.</param>
    /// <returns>A verdict of <see cref="RateVerdict.Ask"/> where one would have to wait.</returns>
    public RateAnswer TryTake(KeySnapshot key, int cost) => LimiterOf(key).TryTake(cost);

    /// <inheritdoc cref="TryTake"/>
    /// <returns>A verdict of <see cref="RateVerdict.Ask"/> where the database is away.</returns>
    public Task<RateAnswer> TakeAsync(KeySnapshot key, int cost, CancellationToken cancellationToken)
    {
        var limiter = LimiterOf(key);
        if (clock.GetTimestamp() < Volatile.Read(ref _restsUntil))
            return Task.FromResult(limiter.TryTake(cost) is { Verdict: not RateVerdict.Ask } held ? held : _resting);

        var answer = limiter.TakeAsync(cost, out var isFirst, cancellationToken);
        if (isFirst && !_asked.Writer.TryWrite(limiter))
            limiter.Fail(RateAnswer.Unknown); // the host stops

        return answer;
    }

    /// <summary>After the last request: what is in hand may be taken by others.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        var rests = _limiters.Values.Select(limiter => limiter.LetGo()).OfType<Rest>().OrderBy(rest => rest.KeyId).ToList();
        _limiters.Clear();
        try
        {
            if (rests.Count > 0)
                await store.GiveBackAsync(rests, cancellationToken);
        }
        catch (Exception exception)
        {
            LogKept(logger, exception.GetBaseException().Message); // the host stops all the same
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _asked.Reader.WaitToReadAsync(stoppingToken))
            {
                await AskAsync(Drain(MaxKeysAtOnce), stoppingToken);
                Forget(limiter => limiter.IsOver, BetweenSweeps);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops, or never started.
        }
        finally
        {
            _asked.Writer.TryComplete();
            Drain(int.MaxValue).ForEach(limiter => limiter.Fail(RateAnswer.Unknown));
        }
    }

    private List<KeyLimiter> Drain(int most)
    {
        var asking = new List<KeyLimiter>();
        while (asking.Count < most && _asked.Reader.TryRead(out var limiter))
            asking.Add(limiter);

        return asking;
    }

    /// <summary>In the order of the keys, so that nodes which ask for the same ones never wait for each other in a circle.</summary>
    private async Task AskAsync(List<KeyLimiter> asking, CancellationToken cancellationToken)
    {
        asking.Sort((one, other) => one.KeyId.CompareTo(other.KeyId));
        try
        {
            var sent = clock.GetTimestamp();
            var grants = await store.TakeAsync(asking.ConvertAll(limiter => limiter.Want()), cancellationToken);
            var received = clock.GetTimestamp();
            for (var i = 0; i < asking.Count; i++)
                if (asking[i].Receive(grants[i], sent, received))
                    _asked.Writer.TryWrite(asking[i]);

            _isAway = false;
        }
        catch (Exception exception)
        {
            // Whoever has asked meanwhile need not wait for another timeout.
            var isAway = cancellationToken.IsCancellationRequested || DatabaseFaults.IsUnavailable(exception);
            _resting = isAway ? RateAnswer.Unknown : RateAnswer.Failed;
            var rest = ShortestRest * (1 + (2 * random.NextDouble()));
            Volatile.Write(ref _restsUntil, clock.GetTimestamp() + (long)(rest.TotalSeconds * clock.TimestampFrequency));
            asking.AddRange(Drain(int.MaxValue));
            asking.ForEach(limiter => limiter.Fail(_resting));
            if (cancellationToken.IsCancellationRequested)
                throw;

            if (!_isAway)
                LogAway(logger, isAway ? null : exception, exception.GetBaseException().Message);

            _isAway = true;
        }
    }

    private KeyLimiter LimiterOf(KeySnapshot key)
    {
        var limit = key.RateLimit!;
        if (_limiters.TryGetValue(key.Id, out var limiter) && (ReferenceEquals(limiter.Limit, limit) || limiter.Limit == limit))
            return limiter;

        if (_limiters.Count >= options.MaxKeys)
            Forget(limiter => limiter.HoldsNothing, BetweenSearchesForRoom);

        return _limiters.Count >= options.MaxKeys
            ? new KeyLimiter(key.Id, limit, isRemembered: false, clock)
            : _limiters.AddOrUpdate(
                key.Id,
                static (id, made) => new KeyLimiter(id, made.Limit, isRemembered: true, made.Clock),
                static (id, known, made) => known.Limit == made.Limit ? known : new KeyLimiter(id, made.Limit, isRemembered: true, made.Clock),
                (Limit: limit, Clock: clock));
    }

    /// <summary>Every now and then.</summary>
    private void Forget(Func<KeyLimiter, bool> which, TimeSpan between)
    {
        var forgot = Volatile.Read(ref _forgot);
        if (clock.GetElapsedTime(forgot) < between || Interlocked.CompareExchange(ref _forgot, clock.GetTimestamp(), forgot) != forgot)
            return;

        foreach (var (id, limiter) in _limiters)
            if (which(limiter))
                _limiters.TryRemove(KeyValuePair.Create(id, limiter));
    }

    [LoggerMessage(220, LogLevel.Warning, "The database cannot be asked for allowances of rate limits: what is in hand goes on. {Reason}")]
    private static partial void LogAway(ILogger logger, Exception? exception, string reason);

    [LoggerMessage(221, LogLevel.Warning, "What this host had in hand of rate limits could not be given back: nobody can use it in this window. {Reason}")]
    private static partial void LogKept(ILogger logger, string reason);
}
