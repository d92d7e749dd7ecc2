using ApiKeys.Server.Lookup;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ApiKeys.Server.Tests.Lookup;

public sealed class KeyLookupTests : IDisposable
{
    private static readonly DateTimeOffset DatabaseTime = new(2026, 3, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly LookupOptions Options = new() { MaxConcurrentReads = 4 };
    private readonly SteppedClock _clock = new();
    private readonly Source _source = new();
    private readonly KeyCache _cache = new(Options);
    private readonly Lease _lease;
    private readonly KeyLookup _lookup;

    public KeyLookupTests()
    {
        _lease = new Lease(_clock, Options);
        _lease.Extend(_clock.GetTimestamp(), DatabaseTime);
        _lookup = new KeyLookup(
            _cache, new UnknownKeys(_clock), _lease, _source, Options, _clock, new Random(1), NullLogger<KeyLookup>.Instance);
    }

    public void Dispose() => _lookup.Dispose();

    [Fact]
    public async Task A_key_is_read_once_and_then_remembered()
    {
        _source.Release();

        var read = await FindAsync(1);
        Assert.True(_lookup.TryFind(Snapshots.KeyId(1), out var remembered));

        Assert.Same(read.Key, remembered.Key);
        Assert.Equal(DatabaseTime, remembered.Now);
        Assert.Equal(1, _source.Reads);
    }

    [Fact]
    public async Task Whoever_misses_the_same_key_at_the_same_time_shares_one_read()
    {
        var all = Enumerable.Range(0, 100).Select(_ => FindAsync(1)).ToList();
        _source.Release();

        Assert.All(await Task.WhenAll(all), found => Assert.Equal("Key 1", found.Key!.Name));
        Assert.Equal(1, _source.Reads);
    }

    [Fact]
    public async Task Nobody_is_answered_by_a_read_that_began_before_a_change()
    {
        var before = FindAsync(1);
        _cache.Apply([Snapshots.Change(InvalidationKind.Key, Snapshots.KeyId(1).ToString())]);
        var after = FindAsync(1);
        _source.Release();

        await Task.WhenAll(before, after);

        Assert.Equal(2, _source.Reads);
        Assert.True(_lookup.TryFind(Snapshots.KeyId(1), out var kept));
        Assert.Same((await after).Key, kept.Key);
    }

    [Theory]
    [InlineData(1, 2, true)]
    [InlineData(2, 3, true)]
    [InlineData(100, 3, false)]
    public async Task What_was_read_while_something_changed_is_asked_again_but_not_for_ever(int changes, int reads, bool isKept)
    {
        _source.WhileReading = () =>
        {
            if (changes-- > 0)
                _cache.NextGeneration();
        };
        _source.Release();

        Assert.NotNull((await FindAsync(1)).Key);

        Assert.Equal(reads, _source.Reads);
        Assert.Equal(isKept, _lookup.TryFind(Snapshots.KeyId(1), out _));
    }

    /// <summary>Somebody is told of the key what may be newer than what another request has read and kept meanwhile.</summary>
    [Fact]
    public async Task What_was_read_too_often_in_vain_is_not_remembered_by_what_others_read_either()
    {
        _source.WhileReading = () =>
        {
            _cache.NextGeneration();
            Assert.True(_source.Reads < 3 || _cache.TryKeep(Snapshots.Of(1), _cache.Generation));
        };
        _source.Release();

        Assert.NotNull((await FindAsync(1)).Key);

        Assert.Equal(3, _source.Reads);
        Assert.Null(_cache.Find(Snapshots.KeyId(1)));
    }

    /// <summary>Those who wait for a turn do not wait for each other's timeouts.</summary>
    [Fact]
    public async Task While_the_database_hangs_everybody_is_told_so_after_one_timeout()
    {
        var all = Enumerable.Range(0, 3 * Options.MaxConcurrentReads).Select(FindAsync).ToList();

        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.All(await Task.WhenAll(all).WaitAsync(TimeSpan.FromSeconds(30)), found => Assert.False(found.IsKnown));
        Assert.Equal(Options.MaxConcurrentReads, _source.Reads);
        Assert.False((await FindAsync(100)).IsKnown);
    }

    [Fact]
    public async Task Without_a_lease_nothing_is_answered_from_memory_nor_kept()
    {
        _source.Release();
        await FindAsync(1);
        _lease.End();

        Assert.False(_lookup.TryFind(Snapshots.KeyId(1), out _));
        Assert.NotNull((await FindAsync(1)).Key);
        Assert.NotNull((await FindAsync(2)).Key);

        Assert.Equal(3, _source.Reads);
        Assert.Null(_cache.Find(Snapshots.KeyId(2)));
    }

    [Fact]
    public async Task Before_the_first_registration_nobody_knows_what_time_it_is_and_nothing_is_decided()
    {
        using var lookup = new KeyLookup(
            _cache, new UnknownKeys(_clock), new Lease(_clock, Options), _source, Options, _clock, new Random(1), NullLogger<KeyLookup>.Instance);
        _source.Release();

        Assert.False((await lookup.FindAsync(Snapshots.KeyId(1), default)).IsKnown);
    }

    [Fact]
    public async Task An_unknown_key_is_asked_for_once()
    {
        _source.Release();
        var unknown = Snapshots.KeyId(Source.Unknown);

        Assert.Equal(KeyFound.Unknown with { IsNews = true }, await FindAsync(Source.Unknown));

        Assert.True(_lookup.TryFind(unknown, out var found));
        Assert.Equal(KeyFound.Unknown, found);
        _cache.NextGeneration();
        Assert.False(_lookup.TryFind(unknown, out _));
    }

    [Fact]
    public async Task No_more_than_so_many_reads_run_at_once()
    {
        var all = Enumerable.Range(0, 100).Select(FindAsync).ToList();

        Assert.Equal(Options.MaxConcurrentReads, _source.Reads);
        _source.Release();

        Assert.All(await Task.WhenAll(all), found => Assert.NotNull(found.Key));
        Assert.Equal(100, _source.Reads);
    }

    [Fact]
    public async Task Who_waits_too_long_for_a_read_is_told_that_nobody_knows_and_who_comes_on_top_at_once()
    {
        var all = Enumerable.Range(0, 1_200).Select(FindAsync).ToList();

        Assert.Equal(1_200 - 1_000 - Options.MaxConcurrentReads, all.Count(found => found.IsCompletedSuccessfully && !found.Result.IsKnown));

        _source.Release();
        await Task.WhenAll(all);
    }

    [Fact]
    public async Task While_the_database_is_away_it_is_not_asked_for_each_request()
    {
        _source.IsAway = true;
        _source.Release();

        var all = await Task.WhenAll(Enumerable.Range(0, 50).Select(FindAsync));

        Assert.All(all, found => Assert.False(found.IsKnown));
        Assert.InRange(_source.Reads, 2, 2 * Options.MaxConcurrentReads);
    }

    [Fact]
    public async Task One_who_gives_up_does_not_take_the_read_from_the_others()
    {
        using var gone = new CancellationTokenSource();
        var first = _lookup.FindAsync(Snapshots.KeyId(1), gone.Token).AsTask();
        var second = FindAsync(1);
        await gone.CancelAsync();
        _source.Release();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.NotNull((await second).Key);
        Assert.Equal(1, _source.Reads);
    }

    private Task<KeyFound> FindAsync(int number) => _lookup.FindAsync(Snapshots.KeyId(number), default).AsTask();

    /// <summary>A database whose answers come when the test says so.</summary>
    private sealed class Source : IKeySource
    {
        public const int Unknown = 999_999;
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _reads;

        public int Reads => Volatile.Read(ref _reads);

        public bool IsAway { get; set; }

        public Action WhileReading { get; set; } = () => { };

        public void Release() => _released.SetResult();

        public async Task<KeySnapshot?> ReadAsync(PackedKeyId id, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _reads);
            WhileReading();
            await _released.Task.WaitAsync(cancellationToken);
            if (IsAway)
                throw new NpgsqlException("away");

            var number = int.Parse(id.ToString()[2..], System.Globalization.CultureInfo.InvariantCulture);
            return number == Unknown ? null : Snapshots.Of(number);
        }
    }
}
