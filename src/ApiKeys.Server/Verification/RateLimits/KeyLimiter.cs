using System.Runtime.InteropServices;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Verification.RateLimits;

/// <summary>One key's allowance on this node, and the requests that wait for more of it: first come, first served.</summary>
internal sealed class KeyLimiter(Guid keyId, RateLimit limit, MonotonicClock clock)
{
    private readonly Lock _lock = new();
    private readonly Queue<Waiter> _waiting = new();
    private readonly ApiKeyRatePolicy _policy = new("key", limit.Requests, limit.WindowSeconds);
    private Allowance _allowance = Allowance.None;
    private bool _isAsked;

    public Guid KeyId => keyId;

    public RateLimit Limit => limit;

    /// <summary>Whether nothing would be lost with it.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
                return !_isAsked && clock.GetTimestamp() >= _allowance.EndsAt;
        }
    }

    /// <summary>What the database has to grant so that nobody waits any more.</summary>
    public int Wanted
    {
        get
        {
            lock (_lock)
                return (int)Math.Clamp(_waiting.Sum(waiter => (long)waiter.Cost) - _allowance.InHand, 1, int.MaxValue);
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
    public Task<RateAnswer> TakeAsync(int cost, out bool isFirst)
    {
        lock (_lock)
        {
            isFirst = false;
            if (_waiting.Count == 0 && Take(cost, clock.GetTimestamp()) is { Verdict: not RateVerdict.Ask } answer)
                return Task.FromResult(answer);

            isFirst = !_isAsked;
            _isAsked = true;
            var waiter = new Waiter(cost);
            _waiting.Enqueue(waiter);
            return waiter.Task;
        }
    }

    /// <returns>Whether some wait still: they came later, or the window has ended meanwhile.</returns>
    public bool Receive(Grant grant, long sent)
    {
        lock (_lock)
        {
            _allowance = _allowance.With(grant, sent, clock.TimestampFrequency);
            while (_waiting.TryPeek(out var first) && Take(first.Cost, clock.GetTimestamp()) is { Verdict: not RateVerdict.Ask } answer)
                _waiting.Dequeue().SetResult(answer);

            return _isAsked = _waiting.Count > 0;
        }
    }

    /// <summary>The database is away: all who wait are told that nobody knows.</summary>
    public void Fail()
    {
        lock (_lock)
        {
            _isAsked = false;
            while (_waiting.TryDequeue(out var waiter))
                waiter.SetResult(RateAnswer.Unknown);
        }
    }

    private RateAnswer Take(int cost, long now)
    {
        var verdict = _allowance.Decide(cost, now);
        if (verdict == RateVerdict.Ask)
            return RateAnswer.Unknown;

        if (verdict == RateVerdict.Admit)
            _allowance = _allowance.Spend(cost);

        var remaining = (int)Math.Min((long)_allowance.InHand + _allowance.Left, limit.Requests);
        var reset = (int)Math.Ceiling(clock.GetElapsedTime(now, _allowance.EndsAt).TotalSeconds);
        return new RateAnswer(verdict, new ApiKeyRateLimit(_policy, remaining, Math.Clamp(reset, 1, limit.WindowSeconds)));
    }

    private sealed class Waiter(int cost) : TaskCompletionSource<RateAnswer>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public int Cost => cost;
    }
}

/// <param name="Verdict">Of one request.</param>
/// <param name="Limit">What is left then, unless only the database can tell.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RateAnswer(RateVerdict Verdict, ApiKeyRateLimit Limit)
{
    public static readonly RateAnswer Unknown = new(RateVerdict.Ask, default);
}
