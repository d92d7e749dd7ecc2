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

    /// <summary>Beyond what is wanted, where a node would take it.</summary>
    public int Extra { get; set; }

    public List<Rest> GivenBack { get; } = [];

    /// <summary>What somebody else may throw who is not away.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Before each answer.</summary>
    public Action WhileAsked { get; set; } = () => { };

    public void Hold() => _released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _released.SetResult();

    public async Task<IReadOnlyList<Grant>> TakeAsync(IReadOnlyList<Want> wants, CancellationToken cancellationToken)
    {
        lock (Statements)
            Statements.Add(wants);

        await _released.Task.WaitAsync(cancellationToken);
        WhileAsked();
        return Fault is not null ? throw Fault : IsAway ? throw new NpgsqlException("away") : [.. wants.Select(Take)];
    }

    public Task GiveBackAsync(IReadOnlyList<Rest> rests, CancellationToken cancellationToken)
    {
        GivenBack.AddRange(rests);
        return IsAway ? throw new NpgsqlException("away") : Task.CompletedTask;
    }

    private Grant Take(Want want)
    {
        var length = TimeSpan.FromSeconds(want.Limit.WindowSeconds).Ticks;
        var (window, passed) = Math.DivRem(clock.GetTimestamp(), length);
        var taken = _taken.GetValueOrDefault((want.KeyId, window));
        var left = want.Limit.Requests - taken;
        var granted = left < want.Least ? 0 : (int)Math.Min(left, (long)want.Wanted + Math.Min(Extra, want.Extra));
        _taken[(want.KeyId, window)] = taken + granted;
        return new Grant(window, granted, left - granted, TimeSpan.FromTicks(length - passed));
    }

    private static TaskCompletionSource Released()
    {
        var released = new TaskCompletionSource();
        released.SetResult();
        return released;
    }
}
