using System.Runtime.InteropServices;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Verification.RateLimits;

/// <summary>One key's allowance on this node, and the requests that wait for more of it, which are served in turn.</summary>
/// <param name="keyId">The key's row.</param>
/// <param name="limit">What it may in all.</param>
/// <param name="isRemembered">Whether later requests find it. If not, it takes nothing for them.</param>
/// <param name="clock">Of this node.</param>
internal sealed class KeyLimiter(Guid keyId, RateLimit limit, bool isRemembered, MonotonicClock clock)
{
    /// <summary>Answers that come when their window has ended are of no use; after so many nobody waits for another.</summary>
    private const int MaxRounds = 3;

    private readonly Lock _lock = new();
    private readonly Queue<Waiter> _waiting = new();
    private readonly ApiKeyRatePolicy _policy = new("key", limit.Requests, limit.WindowSeconds);
    private Allowance _allowance = Allowance.None;
    private long _spent;
    private long _spentBefore;
    private bool _isAsked;

    public Guid KeyId => keyId;

    public RateLimit Limit => limit;

    /// <summary>Whether its window has ended.</summary>
    public bool IsOver
    {
        get
        {
            lock (_lock)
                return !_isAsked && clock.GetTimestamp() >= _allowance.OverAt;
        }
    }

    /// <summary>Whether nothing would be lost with it.</summary>
    public bool HoldsNothing
    {
        get
        {
            lock (_lock)
                return !_isAsked && (_allowance.InHand == 0 || clock.GetTimestamp() >= _allowance.EndsAt);
        }
    }

    /// <summary>
    /// What the database has to grant so that nobody waits any more. For requests to come no more than has been spent in this window or in
    /// the last: a node that has just been started holds little.
    /// </summary>
    public Want Want()
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var inHand = now < _allowance.OverAt ? _allowance.InHand : 0;
            var waiting = _waiting.Where(waiter => !waiter.Task.IsCompleted).Select(waiter => waiter.Cost).DefaultIfEmpty(0).ToList();
            var wanted = Clamp(waiting.Sum(cost => (long)cost) - inHand);
            return new Want(keyId, limit, wanted, Clamp((long)waiting.Min() - inHand), isRemembered && wanted > 0 ? Clamp(SpentLately(now)) : 0);
        }
    }

    /// <returns>A verdict of <see cref="RateVerdict.Ask"/> where it takes the database to tell.</returns>
    public RateAnswer TryTake(int cost)
    {
        lock (_lock)
            return Take(cost, clock.GetTimestamp());
    }

    /// <param name="cost">Of the request.</param>
    /// <param name="isFirst">Whether somebody has to be told that this key wants more.</param>
    /// <param name="cancellationToken">Whoever gives up is charged nothing.</param>
    public Task<RateAnswer> TakeAsync(int cost, out bool isFirst, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            isFirst = false;
            if (_waiting.Count == 0 && Take(cost, clock.GetTimestamp()) is { Verdict: not RateVerdict.Ask } answer)
                return Task.FromResult(answer);

            isFirst = !_isAsked;
            _isAsked = true;
            var waiter = new Waiter(cost, cancellationToken);
            _waiting.Enqueue(waiter);
            return waiter.Task;
        }
    }

    /// <returns>Whether some wait still: they came later, or the window has ended meanwhile.</returns>
    public bool Receive(Grant grant, long sent, long received)
    {
        lock (_lock)
        {
            if (grant.Window != _allowance.Window)
                (_spentBefore, _spent) = (grant.Window == _allowance.Window + 1 ? _spent : 0, 0);

            _allowance = _allowance.With(grant, sent, received, clock.TimestampFrequency);
            while (_waiting.TryPeek(out var first) && IsServed(first))
                _waiting.Dequeue();

            return _isAsked = _waiting.Count > 0;
        }
    }

    /// <summary>All who wait are told that the database could not be asked.</summary>
    public void Fail(RateAnswer answer)
    {
        lock (_lock)
        {
            _isAsked = false;
            while (_waiting.TryDequeue(out var waiter))
                waiter.TrySetResult(answer);
        }
    }

    /// <summary>What is in hand, which is nobody's from then on; null where there is nothing.</summary>
    public Rest? LetGo()
    {
        lock (_lock)
        {
            var held = _allowance;
            _allowance = Allowance.None;
            return held.InHand > 0 && clock.GetTimestamp() < held.EndsAt ? new Rest(keyId, limit.WindowSeconds, held.Window, held.InHand) : null;
        }
    }

    private long SpentLately(long now) =>
        now < _allowance.EndsAt ? Math.Max(_spent, _spentBefore)
        : clock.GetElapsedTime(_allowance.EndsAt, now).TotalSeconds < limit.WindowSeconds ? _spent // in the window before
        : 0;

    private bool IsServed(Waiter waiter)
    {
        if (waiter.Task.IsCompleted)
            return true;

        var before = (_allowance, _spent);
        var answer = Take(waiter.Cost, clock.GetTimestamp());
        if (answer.Verdict == RateVerdict.Ask && ++waiter.Rounds < MaxRounds)
            return false;

        if (!waiter.TrySetResult(answer))
            (_allowance, _spent) = before; // it gave up this very moment

        return true;
    }

    private RateAnswer Take(int cost, long now)
    {
        var verdict = _allowance.Decide(cost, now);
        if (verdict == RateVerdict.Ask)
            return RateAnswer.Unknown;

        if (verdict == RateVerdict.Admit)
        {
            _allowance = _allowance.Spend(cost);
            _spent += cost;
        }

        var remaining = (int)Math.Min((long)_allowance.InHand + _allowance.Left, limit.Requests);
        var reset = (int)Math.Ceiling(clock.GetElapsedTime(now, _allowance.EndsAt).TotalSeconds);
        return new RateAnswer(verdict, new ApiKeyRateLimit(_policy, remaining, Math.Max(1, reset)));
    }

    private static int Clamp(long amount) => (int)Math.Clamp(amount, 0, int.MaxValue);

    private sealed class Waiter : TaskCompletionSource<RateAnswer>
    {
        public Waiter(int cost, CancellationToken cancellationToken)
            : base(TaskCreationOptions.RunContinuationsAsynchronously)
        {
            Cost = cost;
            if (cancellationToken.CanBeCanceled)
            {
                var registration = cancellationToken.UnsafeRegister(static (waiter, token) => ((Waiter)waiter!).TrySetCanceled(token), this);
                _ = Task.ContinueWith(static (_, held) => ((CancellationTokenRegistration)held!).Unregister(), registration, TaskScheduler.Default);
            }
        }

        public int Cost { get; }

        public int Rounds { get; set; }
    }
}

/// <param name="Verdict">Of one request.</param>
/// <param name="Limit">What is left then, unless only the database can tell.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RateAnswer(RateVerdict Verdict, ApiKeyRateLimit Limit)
{
    public static readonly RateAnswer Unknown = new(RateVerdict.Ask, default);
    public static readonly RateAnswer Failed = new(RateVerdict.Fail, default);
}
