using ApiKeys.Server.Tests.Fixtures;
using ApiKeys.Server.Verification.RateLimits;
using Npgsql;

namespace ApiKeys.Server.Tests.Verification.RateLimits;

/// <summary>One window after the other, of as many seconds as the limit says; answers come when the test lets them.</summary>
internal sealed class MemoryAllowances(SteppedClock clock) : IAllowanceStore
{
    private readonly Dictionary<(Guid Key, long Window), int> _taken = [];
    private TaskCompletionSource _released = Released();

    /// <summary>What each statement asked for.</summary>
    public List<IReadOnlyList<Want>> Statements { get; } = [];

    public bool IsAway { get; set; }

    /// <summary>Beyond what is wanted.</summary>
    public int Extra { get; set; }

    public void Hold() => _released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _released.SetResult();

    public async Task<IReadOnlyList<Grant>> TakeAsync(IReadOnlyList<Want> wants, CancellationToken cancellationToken)
    {
        lock (Statements)
            Statements.Add(wants);

        await _released.Task.WaitAsync(cancellationToken);
        return IsAway ? throw new NpgsqlException("away") : [.. wants.Select(Take)];
    }

    private Grant Take(Want want)
    {
        var length = TimeSpan.FromSeconds(want.Limit.WindowSeconds).Ticks;
        var (window, passed) = Math.DivRem(clock.GetTimestamp(), length);
        var taken = _taken.GetValueOrDefault((want.KeyId, window));
        var granted = Math.Min(want.Limit.Requests - taken, want.Wanted + Extra);
        _taken[(want.KeyId, window)] = taken + granted;
        return new Grant(window, granted, want.Limit.Requests - taken - granted, TimeSpan.FromTicks(length - passed));
    }

    private static TaskCompletionSource Released()
    {
        var released = new TaskCompletionSource();
        released.SetResult();
        return released;
    }
}
