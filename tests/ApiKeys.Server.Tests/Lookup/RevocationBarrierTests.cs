using ApiKeys.Server.Lookup;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;

namespace ApiKeys.Server.Tests.Lookup;

public sealed class RevocationBarrierTests : IDisposable
{
    private static readonly LookupOptions Options = new();
    private readonly SteppedClock _clock = new();
    private readonly MemoryStore _store = new();
    private readonly Node _node;
    private readonly RevocationBarrier _barrier;

    public RevocationBarrierTests()
    {
        _node = new Node(
            _store, new KeyCache(Options), new Lease(_clock, Options), Options, _clock, new Random(1), NullLogger<Node>.Instance);
        _barrier = new RevocationBarrier(_store, _node, _clock);
    }

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData(0, 250)]
    [InlineData(3_000, 3_000)]
    public async Task A_database_that_hangs_does_not_keep_anybody_beyond_his_patience(int patience, int waited)
    {
        _store.Hangs = true;

        var answer = _barrier.WaitAsync(TimeSpan.FromMilliseconds(patience), default);
        _clock.Advance(TimeSpan.FromMilliseconds(waited));

        var result = await answer.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(LookupOptions.EndOfAny - TimeSpan.FromMilliseconds(waited), result.Remaining);
    }

    [Fact]
    public async Task Who_gives_up_is_let_go()
    {
        _store.Hangs = true;
        using var gone = new CancellationTokenSource();

        var answer = _barrier.WaitAsync(patience: null, gone.Token);
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    [Fact]
    public async Task A_sweep_removes_who_was_not_renewed_between_two_of_them()
    {
        await _store.RegisterAsync(Guid.AllBitsSet, Options.Lease, default);

        await _barrier.SweepAsync(default);
        _clock.Advance(LookupOptions.EndOf(Options.Lease));
        await _barrier.SweepAsync(default);

        Assert.Empty(_store.Rows);
    }

    [Fact]
    public async Task A_sweep_after_the_database_was_away_begins_anew()
    {
        await _store.RegisterAsync(Guid.AllBitsSet, Options.Lease, default);
        await _barrier.SweepAsync(default);
        _clock.Advance(LookupOptions.EndOf(Options.Lease));

        _store.Hangs = true;
        using var timeout = new CancellationTokenSource();
        var away = _barrier.SweepAsync(timeout.Token);
        await timeout.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => away);
        _store.Hangs = false;

        await _barrier.SweepAsync(default);
        Assert.Single(_store.Rows);
    }
}
