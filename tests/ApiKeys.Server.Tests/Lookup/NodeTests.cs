using ApiKeys.Server.Lookup;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;

namespace ApiKeys.Server.Tests.Lookup;

public sealed class NodeTests : IDisposable
{
    private static readonly LookupOptions Options = new();
    private readonly SteppedClock _clock = new();
    private readonly MemoryStore _store = new();
    private readonly KeyCache _cache = new(Options);
    private readonly Lease _lease;
    private readonly Node _node;

    public NodeTests()
    {
        _lease = new Lease(_clock, Options);
        _node = new Node(_store, _cache, _lease, Options, _clock, new Random(1), NullLogger<Node>.Instance);
    }

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task What_it_remembers_it_keeps_from_turn_to_turn()
    {
        _store.Change(3);
        await TurnAsync();
        Keep();

        await TurnAsync();
        _store.Change();
        await TurnAsync();

        Assert.Equal(1, _cache.Count);
        Assert.True(_lease.Holds(out _));
        Assert.Equal(4, Assert.Single(_store.Rows).Acked);
    }

    [Fact]
    public async Task Who_is_too_far_behind_forgets_everything_and_does_so_once()
    {
        _store.Change(20_000);
        await TurnAsync();
        Keep();
        await TurnAsync();
        Assert.Equal(1, _cache.Count);

        _store.Change(20_000);
        await TurnAsync();
        Assert.Equal(0, _cache.Count);

        Keep();
        await TurnAsync();
        Assert.Equal(1, _cache.Count);
    }

    [Fact]
    public async Task Who_finds_the_log_trimmed_forgets_everything()
    {
        _store.Change(2);
        await TurnAsync();
        Keep();

        _store.Change(5);
        await _store.TrimAsync(default);
        await TurnAsync();

        Assert.Equal(0, _cache.Count);
    }

    /// <summary>A copy that was made when the log was as it is now, and when the key that is remembered was not there yet.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_finds_an_older_copy_of_the_database_forgets_everything_though_the_log_is_the_same(bool hadRegistered)
    {
        _store.Change(2);
        await TurnAsync();
        var copy = hadRegistered ? _store.Rows.ToList() : [];
        await TurnAsync();
        Keep();

        _store.Rows.Clear();
        _store.Rows.AddRange(copy);
        await TurnAsync();

        Assert.Equal(0, _cache.Count);
        Assert.True(_lease.Holds(out _));
        Assert.NotEqual(copy.FirstOrDefault()?.Id, _store.Rows[^1].Id);
    }

    [Fact]
    public async Task A_registration_that_failed_half_way_leaves_no_row_that_changes_wait_for()
    {
        _store.LogFailures = 3;
        for (var turn = 0; turn < 3; turn++)
            await TurnAsync();

        Assert.False(_lease.Holds(out _));
        await TurnAsync();

        Assert.True(_lease.Holds(out _));
        Assert.Single(_store.Rows);
    }

    /// <summary>What one turn of its loop does, a renewal being due.</summary>
    private async Task TurnAsync()
    {
        _clock.Advance(Options.Lease / 5);
        await _node.StartAsync(default);
    }

    private void Keep() => Assert.True(_cache.TryKeep(Snapshots.Of(1), _cache.Generation));
}
