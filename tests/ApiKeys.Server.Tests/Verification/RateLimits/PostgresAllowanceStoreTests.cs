using System.Runtime.CompilerServices;
using ApiKeys.Server.Model;
using ApiKeys.Server.Tests.Fixtures;
using ApiKeys.Server.Verification.RateLimits;
using Microsoft.Extensions.DependencyInjection;

namespace ApiKeys.Server.Tests.Verification.RateLimits;

/// <summary>The function that grants, over real connections.</summary>
public sealed class PostgresAllowanceStoreTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly int Window = RateWindows.Long;

    private IAllowanceStore Store => server.Services.GetRequiredService<IAllowanceStore>();

    [Theory]
    [InlineData(6_000, 1, 1, 241, 5_759)] // a twenty-fifth of the limit beyond what is wanted
    [InlineData(6_000, 3, 1, 81, 5_919)] // for all nodes together
    [InlineData(100, 3, 1, 2, 98)]
    [InlineData(100, 3, 340, 100, 0)] // who waits gets what there is
    [InlineData(10, 3, 1, 1, 9)]
    [InlineData(1, 3, 1, 1, 0)]
    [InlineData(RateLimit.MaxRequests, 1, int.MaxValue, RateLimit.MaxRequests, 0)]
    public async Task A_node_gets_what_it_wants_and_a_little_more(int requests, int nodes, int wanted, int granted, int left)
    {
        var key = await KeyAsync();
        await server.ExecuteSqlAsync($"insert into node_leases (id, beat, acked, lease_milliseconds, host, registered_at) select gen_random_uuid(), 1, 1000000, 1000, 'x', now() from generate_series(2, {nodes})");
        try
        {
            var grant = (await Store.TakeAsync([new Want(key, new RateLimit(requests, Window), wanted, Least: 1, Extra: int.MaxValue)], default)).Single();

            Assert.Equal((granted, left), (grant.Granted, grant.Left));
            Assert.InRange(grant.UntilEnd, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(Window));
        }
        finally
        {
            await server.ExecuteSqlAsync($"delete from node_leases where host = 'x'");
        }
    }

    [Fact]
    public async Task The_nearer_the_end_the_less_is_granted()
    {
        var key = await KeyAsync();
        var (limit, granted) = (new RateLimit(1_000, Window), new List<int>());
        while (granted.Sum() < 1_000)
            granted.Add((await TakeAsync(key, limit)).Granted);

        Assert.Equal(1_000, granted.Sum());
        Assert.Equal(41, granted[0]);
        Assert.Equal(granted.OrderDescending(), granted);
        Assert.Equal((0, 0), (await TakeAsync(key, limit)) is var more ? (more.Granted, more.Left) : default);
    }

    [Fact]
    public async Task Never_more_is_granted_than_the_limit_whoever_asks_at_the_same_time()
    {
        var keys = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => KeyAsync()));
        var (limit, granted) = (new RateLimit(777, Window), new int[keys.Length]);
        await Parallel.ForAsync(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, cancellationToken) =>
        {
            var asking = keys.Order().ToList();
            var grants = await Store.TakeAsync(asking.ConvertAll(key => new Want(key, limit, 1 + (i % 10), Least: 1, Extra: 100)), cancellationToken);
            for (var k = 0; k < keys.Length; k++)
                Interlocked.Add(ref granted[k], grants[k].Granted);
        });

        Assert.All(granted, sum => Assert.Equal(777, sum));
    }

    [Fact]
    public async Task Each_window_begins_anew_and_one_that_has_begun_does_not_come_back()
    {
        var key = await KeyAsync();
        var limit = new RateLimit(10, Window);
        var first = await TakeAsync(key, limit, wanted: 10);
        Assert.Equal((10, 0), (first.Granted, (await TakeAsync(key, limit)).Granted));

        await MoveAsync(key, windows: -1); // what was taken was taken in the last window
        Assert.Equal((first.Window, 4), (await TakeAsync(key, limit, wanted: 4)) is var next ? (next.Window, next.Granted) : default);

        await MoveAsync(key, windows: 1); // somebody has set back the clock
        var later = await TakeAsync(key, limit, wanted: 10);
        Assert.Equal((first.Window + 1, 6), (later.Window, later.Granted));
        Assert.InRange(later.UntilEnd, TimeSpan.FromSeconds(Window), TimeSpan.FromSeconds(2 * Window));

        await MoveAsync(key, windows: 5); // and had set it far ahead before
        Assert.Equal((first.Window, 10), (await TakeAsync(key, limit, wanted: 10)) is var again ? (again.Window, again.Granted) : default);
    }

    [Fact]
    public async Task Nodes_that_do_not_agree_on_the_length_of_a_window_do_not_reset_each_other()
    {
        var key = await KeyAsync();
        var granted = new int[2];
        for (var i = 0; i < 40; i++)
            granted[i % 2] += (await TakeAsync(key, new RateLimit(10, Window - (i % 2)))).Granted;

        Assert.Equal([10, 10], granted);
    }

    [Fact]
    public async Task What_is_given_back_can_be_taken_again_in_its_window_and_in_no_other()
    {
        var key = await KeyAsync();
        var limit = new RateLimit(10, Window);
        var grant = await TakeAsync(key, limit, wanted: 10);

        await Store.GiveBackAsync([new Rest(key, Window, grant.Window, 3), new Rest(key, Window, grant.Window - 1, 3), new Rest(key, Window - 1, grant.Window, 3)], default);

        Assert.Equal(3, (await TakeAsync(key, limit, wanted: 10)).Granted);
        Assert.Equal(0, (await TakeAsync(key, limit)).Granted);
    }

    [Fact]
    public async Task Whoever_only_asks_for_the_time_or_for_more_than_there_is_takes_nothing()
    {
        var key = await KeyAsync();
        var limit = new RateLimit(10, Window);

        Assert.Equal((0, 10), Of((await Store.TakeAsync([new Want(key, limit, Wanted: 0, Least: 0, Extra: 0)], default)).Single()));
        Assert.Equal((0, 10), Of((await Store.TakeAsync([new Want(key, limit, Wanted: 30, Least: 11, Extra: 5)], default)).Single()));
        Assert.Equal((10, 0), Of((await Store.TakeAsync([new Want(key, limit, Wanted: 30, Least: 10, Extra: 5)], default)).Single()));

        static (int, int) Of(Grant grant) => (grant.Granted, grant.Left);
    }

    [Fact]
    public async Task A_grant_is_on_the_disk_before_it_is_answered_whatever_the_database_is_set_to()
    {
        var key = await KeyAsync();
        await server.ExecuteSqlAsync($"create table seen_commits (setting text)");
        await server.QuerySqlAsync<int>(
            $$"""
            create function see_commit() returns trigger language plpgsql as 'begin insert into seen_commits values (current_setting(''synchronous_commit'')); return null; end';
            create trigger see after update on rate_limit_windows for each row execute function see_commit(); select 1 as "Value"
            """);

        await server.QuerySqlAsync<long>(
            $"with off as materialized (select set_config('synchronous_commit', 'off', false)) select window_number as \"Value\" from off, take_allowances(array[{key}], array[5], array[{Window}], array[1], array[1], array[0])");

        Assert.Equal(["on"], (await server.QuerySqlAsync<string>($"select setting as \"Value\" from seen_commits")).Distinct());
    }

    [Fact]
    public async Task A_changed_limit_counts_what_was_taken_and_a_changed_window_begins_anew()
    {
        var key = await KeyAsync();
        await TakeAsync(key, new RateLimit(100, Window), wanted: 50);

        Assert.Equal(0, (await TakeAsync(key, new RateLimit(20, Window))).Granted);
        Assert.Equal(1, (await TakeAsync(key, new RateLimit(55, Window))).Granted);
        Assert.Equal(20, (await TakeAsync(key, new RateLimit(20, Window - 1), wanted: 20)).Granted);
        Assert.Equal(5, (await TakeAsync(key, new RateLimit(60, Window), wanted: 20)).Granted); // and back
    }

    [Fact]
    public async Task A_key_that_is_gone_gets_nothing_and_the_others_get_theirs()
    {
        var (key, gone) = (await KeyAsync(), Guid.CreateVersion7(server.Clock.GetUtcNow()));
        Want[] wants = [.. new[] { key, gone }.Order().Select(id => new Want(id, new RateLimit(5, Window), 1, Least: 1, Extra: 0))];

        var grants = await Store.TakeAsync(wants, default);

        Assert.Equal((1, 4), Find(key));
        Assert.Equal((0, 0), Find(gone));

        (int, int) Find(Guid id) => grants[Array.FindIndex(wants, want => want.KeyId == id)] is var grant ? (grant.Granted, grant.Left) : default;
    }

    private async Task<Guid> KeyAsync() => (await server.CreateKeyAsync()).Answer!.Value.GetProperty("id").GetGuid();

    private async Task<Grant> TakeAsync(Guid key, RateLimit limit, int wanted = 1) =>
        (await Store.TakeAsync([new Want(key, limit, wanted, Math.Min(wanted, 1), Extra: int.MaxValue)], default)).Single();

    private Task MoveAsync(Guid key, int windows) =>
        server.ExecuteSqlAsync(FormattableStringFactory.Create("update rate_limit_windows set number = number + {0} where api_key_id = {1}", windows, key));
}
