using ApiKeys.Server.Lookup;

namespace ApiKeys.Server.Tests.Lookup;

public sealed class KeyCacheTests
{
    private const int Limit = 1_000;
    private readonly KeyCache _cache = new(new LookupOptions { MaxKeys = Limit });

    [Fact]
    public void What_is_kept_is_found_until_it_is_said_to_have_changed()
    {
        Keep(1, 2);

        _cache.Apply([Snapshots.Change(InvalidationKind.Key, Snapshots.KeyId(1).ToString())]);

        Assert.Null(_cache.Find(Snapshots.KeyId(1)));
        Assert.Equal("Key 2", _cache.Find(Snapshots.KeyId(2))!.Name);
        Assert.Equal(1, _cache.Count);
    }

    [Fact]
    public void What_was_read_before_a_change_of_anything_is_not_kept()
    {
        var before = _cache.Generation;
        _cache.Apply([Snapshots.Change(InvalidationKind.Key, Snapshots.KeyId(9).ToString())]);

        Assert.False(_cache.TryKeep(Snapshots.Of(1), before));
        Assert.Null(_cache.Find(Snapshots.KeyId(1)));
        Assert.True(_cache.TryKeep(Snapshots.Of(1), _cache.Generation));
    }

    [Fact]
    public void A_new_generation_keeps_what_is_there_and_nothing_that_is_being_read()
    {
        Keep(1);
        var before = _cache.Generation;

        _cache.NextGeneration();

        Assert.NotNull(_cache.Find(Snapshots.KeyId(1)));
        Assert.False(_cache.TryKeep(Snapshots.Of(2), before));
    }

    [Fact]
    public void An_organization_or_a_member_takes_all_his_keys_with_him_and_no_others()
    {
        var (organization, owner) = (Guid.CreateVersion7(DateTimeOffset.UnixEpoch), Guid.CreateVersion7(DateTimeOffset.UnixEpoch));
        for (var i = 0; i < 300; i++)
            _cache.TryKeep(Snapshots.Of(i, i % 3 == 0 ? organization : default, i % 3 == 1 ? owner : null), _cache.Generation);

        _cache.Apply([Snapshots.Change(InvalidationKind.Organization, organization.ToString())]);
        Assert.All(Enumerable.Range(0, 300), i => Assert.Equal(i % 3 != 0, _cache.Find(Snapshots.KeyId(i)) is not null));

        _cache.Apply([Snapshots.Change(InvalidationKind.Member, owner.ToString())]);
        Assert.All(Enumerable.Range(0, 300), i => Assert.Equal(i % 3 == 2, _cache.Find(Snapshots.KeyId(i)) is not null));
    }

    [Fact]
    public void A_great_many_at_once_take_theirs_and_no_others()
    {
        var cache = new KeyCache(new LookupOptions { MaxKeys = 1_000_000 });
        cache.TryKeep(Snapshots.Of(1, owner: Guid.AllBitsSet), cache.Generation);
        var members = Enumerable.Range(0, 10_000).Select(i => Snapshots.Change(InvalidationKind.Member, new Guid(i, 0, 0, new byte[8]).ToString()));

        cache.Apply(members);

        Assert.Equal(1, cache.Count);
        cache.Apply([Snapshots.Change(InvalidationKind.Member, Guid.AllBitsSet.ToString())]);
        Assert.Equal(0, cache.Count);
    }

    [Theory]
    [InlineData(nameof(InvalidationKind.Catalog), "")]
    [InlineData(nameof(InvalidationKind.Everything), "")]
    [InlineData(nameof(InvalidationKind.Unknown), "")]
    [InlineData(nameof(InvalidationKind.Key), "what a later version may write")]
    [InlineData(nameof(InvalidationKind.Organization), "no UUID")]
    public void What_is_not_understood_takes_everything(string kind, string target)
    {
        Keep(1, 2, 3);
        _cache.Apply([Snapshots.Change(Enum.Parse<InvalidationKind>(kind), target)]);
        Assert.Equal((0, null), (_cache.Count, _cache.Find(Snapshots.KeyId(1))));
    }

    [Fact]
    public void It_never_holds_more_than_its_limit_and_lets_go_of_what_is_not_used()
    {
        var used = Enumerable.Range(0, 100).ToArray();
        Keep(used);
        for (var i = 100; i < 20 * Limit; i++)
        {
            Keep(i);
            foreach (var number in used)
                Assert.NotNull(_cache.Find(Snapshots.KeyId(number)));

            Assert.True(_cache.Count <= Limit);
        }

        Assert.Equal(Limit, _cache.Count);
    }

    [Fact]
    public void A_newer_snapshot_takes_the_place_of_an_older()
    {
        Keep(1);
        _cache.TryKeep(Snapshots.Of(1) with { Name = "Newer" }, _cache.Generation);
        Assert.Equal(("Newer", 1), (_cache.Find(Snapshots.KeyId(1))!.Name, _cache.Count));
    }

    /// <summary>Readers take no lock: whatever is written meanwhile, they find what they asked for, or nothing.</summary>
    [Fact]
    public async Task Readers_beside_writers_never_find_another_key_nor_one_that_was_removed_before()
    {
        using var done = new CancellationTokenSource();
        var writer = Task.Run(() =>
        {
            for (var i = 0; i < 200_000; i++)
            {
                var number = i % (2 * Limit);
                if (i % 3 == 0)
                    _cache.Apply([Snapshots.Change(InvalidationKind.Key, Snapshots.KeyId(number).ToString())]);
                else
                    _cache.TryKeep(Snapshots.Of(number), _cache.Generation);

                if (i % 3 == 0)
                    Assert.Null(_cache.Find(Snapshots.KeyId(number)));
            }

            done.Cancel();
        });
        var reader = Task.Run(() =>
        {
            for (var i = 0; !done.IsCancellationRequested; i++)
            {
                var id = Snapshots.KeyId(i % (2 * Limit));
                Assert.True(_cache.Find(id) is not { } found || found.KeyId == id);
            }
        });

        await Task.WhenAll(writer, reader);
    }

    private void Keep(params int[] numbers)
    {
        foreach (var number in numbers)
            Assert.True(_cache.TryKeep(Snapshots.Of(number), _cache.Generation));
    }
}
