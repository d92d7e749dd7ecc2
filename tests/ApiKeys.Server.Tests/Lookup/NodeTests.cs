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

    [Fact]
    public async Task What_it_is_told_in_full_it_forgets_and_acknowledges_without_a_look_at_the_log()
    {
        await TurnAsync();
        Keep();
        var (reads, beat) = (_store.LogReads, _store.Rows[0].Beat);

        await BeToldAsync(_store.Change(InvalidationKind.Key, "k_000000000000"));
        Assert.Equal(1, _cache.Count);
        await BeToldAsync(_store.Change(InvalidationKind.Key, $"{Snapshots.KeyId(1)}"));

        Assert.Equal(0, _cache.Count);
        Assert.Equal((2, beat), (_store.Rows[0].Acked, _store.Rows[0].Beat));
        Assert.Equal(reads, _store.LogReads);
    }

    /// <summary>By a connection that leads to another database, or comes too late from one.</summary>
    [Fact]
    public async Task What_the_log_does_not_say_is_not_acknowledged_whoever_tells_it()
    {
        _store.Change();
        await TurnAsync();
        Keep();
        var elsewhere = Snapshots.Change(InvalidationKind.Key, "k_000000000000", seq: 2);

        await BeToldAsync(elsewhere);
        Assert.Equal(1, _store.Rows[0].Acked);

        _store.Change(InvalidationKind.Key, $"{Snapshots.KeyId(1)}");
        await BeToldAsync(elsewhere);

        Assert.Equal(0, _cache.Count);
        Assert.Equal(2, _store.Rows[0].Acked);
    }

    /// <summary>Its beat is the same still, and another change has had the number of the one that is lost.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_finds_a_copy_from_just_before_the_last_change_forgets_what_that_says_too(bool isTold)
    {
        await TurnAsync();
        var copy = _store.Rows[0];
        await BeToldAsync(_store.Change(InvalidationKind.Key, "k_000000000000"));
        Keep();

        _store.Log.Clear();
        _store.Rows[0] = copy;
        var other = Snapshots.Change(InvalidationKind.Key, $"{Snapshots.KeyId(1)}");
        _store.Log.Add(new Invalidation { Seq = 1, Kind = other.Kind, Target = other.Target, At = DateTimeOffset.UnixEpoch.AddDays(1) });
        if (isTold)
            await BeToldAsync(_store.Log[0]);
        else
            await TurnAsync();

        Assert.Equal(0, _cache.Count);
        Assert.All(_store.Rows, row => Assert.Equal(1, row.Acked));
    }

    [Fact]
    public async Task Who_is_told_of_one_and_that_there_are_more_reads_the_log()
    {
        await TurnAsync();
        Keep();

        var first = _store.Change(InvalidationKind.Key, "k_000000000000");
        _store.Change(InvalidationKind.Key, $"{Snapshots.KeyId(1)}");
        _node.Tell(first);
        _node.Wake();
        await _node.StartAsync(default);

        Assert.Equal(0, _cache.Count);
        Assert.Equal(2, _store.Rows[0].Acked);
    }

    [Fact]
    public async Task Who_is_told_of_one_and_has_missed_another_reads_the_log()
    {
        await TurnAsync();
        Keep();

        _store.Change(InvalidationKind.Key, $"{Snapshots.KeyId(1)}");
        await BeToldAsync(_store.Change(InvalidationKind.Key, "k_000000000000"));

        Assert.Equal(0, _cache.Count);
        Assert.Equal(2, _store.Rows[0].Acked);
    }

    [Fact]
    public async Task A_catalog_is_read_anew_whoever_tells_of_it()
    {
        await TurnAsync();
        var news = 0;
        _node.CatalogChanged += (_, _) => news++;

        await BeToldAsync(_store.Change(InvalidationKind.Catalog, ""));
        Assert.Equal((1, 1), (news, _store.Rows[0].Acked));

        var reads = _store.LogReads;
        await BeToldAsync(_store.Log[^1]); // again, perhaps by two ways
        Assert.Equal((1, reads), (news, _store.LogReads));
    }

    private Task BeToldAsync(Invalidation invalidation)
    {
        _node.Tell(invalidation);
        return _node.StartAsync(default);
    }

    /// <summary>What one turn of its loop does, a renewal being due.</summary>
    private async Task TurnAsync()
    {
        _clock.Advance(Options.Lease / 5);
        await _node.StartAsync(default);
    }

    private void Keep() => Assert.True(_cache.TryKeep(Snapshots.Of(1), _cache.Generation));
}
