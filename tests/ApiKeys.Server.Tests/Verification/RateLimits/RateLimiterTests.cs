using ApiKeys.Server.Tests.Fixtures;
using ApiKeys.Server.Verification.RateLimits;

namespace ApiKeys.Server.Tests.Verification.RateLimits;

public sealed class RateLimiterTests : LimiterTest
{
    [Fact]
    public async Task Of_many_at_once_just_so_many_are_admitted_and_the_database_is_asked_a_few_times()
    {
        var key = Key(1, requests: 100);
        Store.Hold();
        var all = Enumerable.Range(0, 1_022).Select(_ => TakeAsync(key)).ToList();
        Store.Release();

        var answers = await Task.WhenAll(all);
        Assert.Equal(100, answers.Count(answer => answer.Verdict == RateVerdict.Admit));
        Assert.Equal(922, answers.Count(answer => answer.Verdict == RateVerdict.Refuse));
        Assert.InRange(Store.Statements.Count, 1, 3);
    }

    [Fact]
    public async Task Who_waits_is_served_in_turn_and_no_one_takes_his_place()
    {
        var key = Key(1, requests: 2);
        Store.Hold();
        var first = TakeAsync(key);
        await AskedAsync(1);
        var (second, third) = (TakeAsync(key), TakeAsync(key));
        Store.Release();

        Assert.Equal(RateVerdict.Admit, (await first).Verdict);
        Assert.Equal(RateVerdict.Admit, (await second).Verdict);
        Assert.Equal(RateVerdict.Refuse, (await third).Verdict);
    }

    [Fact]
    public async Task When_the_limit_is_used_up_the_database_is_not_asked_until_the_window_ends()
    {
        var key = Key(1, requests: 1);
        await TakeAsync(key);
        await TakeAsync(key);
        var asked = Store.Statements.Count;

        for (var i = 0; i < 100; i++)
            Assert.Equal(RateVerdict.Refuse, Limiter.TryTake(key, 1).Verdict);

        Assert.Equal(asked, Store.Statements.Count);
        Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(RateVerdict.Ask, Limiter.TryTake(key, 1).Verdict);
        Assert.Equal(RateVerdict.Admit, (await TakeAsync(key)).Verdict);
    }

    [Fact]
    public async Task What_is_in_hand_costs_no_statement_and_is_lost_with_its_window()
    {
        var key = Key(1, requests: 100);
        Store.Extra = 10;
        for (var left = 99; left >= 84; left--) // 1, 1 and 1 to come, 1 and 3, 1 and 7
            Assert.Equal(left, (await TakeAsync(key)).Limit.Remaining);

        Assert.Equal([0, 1, 3, 7, 15], Store.Statements.Select(wants => wants[0].Extra));
        for (var left = 83; left >= 75; left--)
        {
            var answer = Limiter.TryTake(key, 1);
            Assert.Equal((RateVerdict.Admit, left), (answer.Verdict, answer.Limit.Remaining));
        }

        Assert.Equal(5, Store.Statements.Count);
        Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(99, (await TakeAsync(key)).Limit.Remaining);
        Assert.Equal(25, Store.Statements[^1][0].Extra); // as much as in the window before
        Clock.Advance(TimeSpan.FromSeconds(120));
        await TakeAsync(key);
        Assert.Equal(0, Store.Statements[^1][0].Extra);
    }

    [Fact]
    public async Task What_is_in_hand_when_a_host_stops_is_given_back()
    {
        Store.Extra = 10;
        var key = Key(1, requests: 100);
        await TakeAsync(Key(2, requests: 100));
        for (var i = 0; i < 2; i++)
            await TakeAsync(key, cost: 2);

        await Limiter.StopAsync(default);

        var rest = Assert.Single(Store.GivenBack);
        Assert.Equal((key.Id, 60, 2), (rest.KeyId, rest.WindowSeconds, rest.Amount)); // of 2 and 4, which is 2 more to come
    }

    [Fact]
    public async Task The_answer_says_what_is_allowed_what_is_left_and_when_it_begins_anew()
    {
        Clock.Advance(TimeSpan.FromSeconds(17.5));
        var answer = await TakeAsync(Key(1, requests: 3));

        Assert.Equal(("key", 3, 60), (answer.Limit.Policy.Name, answer.Limit.Policy.Requests, answer.Limit.Policy.WindowSeconds));
        Assert.Equal((2, 43), (answer.Limit.Remaining, answer.Limit.ResetSeconds));
        Clock.Advance(TimeSpan.FromSeconds(42.4));
        Assert.Equal(1, (await TakeAsync(Key(1, requests: 3))).Limit.ResetSeconds);
    }

    [Fact]
    public async Task A_request_may_cost_more_or_nothing()
    {
        var key = Key(1, requests: 10);

        Assert.Equal(4, (await TakeAsync(key, cost: 6)).Limit.Remaining);
        Assert.Equal(RateVerdict.Refuse, (await TakeAsync(key, cost: 5)).Verdict);
        Assert.Equal(RateVerdict.Refuse, (await TakeAsync(key, cost: int.MaxValue)).Verdict);
        Assert.Equal((RateVerdict.Admit, 4), (await TakeAsync(key, cost: 0) is var free ? (free.Verdict, free.Limit.Remaining) : default));
        Assert.Equal((RateVerdict.Admit, 0), (await TakeAsync(key, cost: 4) is var last ? (last.Verdict, last.Limit.Remaining) : default));
    }

    [Fact]
    public async Task Many_keys_that_want_more_at_once_share_statements()
    {
        Store.Hold();
        var all = Enumerable.Range(0, 500).Select(i => TakeAsync(Key(i, requests: 1))).ToList();
        Store.Release();

        Assert.All(await Task.WhenAll(all), answer => Assert.Equal(RateVerdict.Admit, answer.Verdict));
        Assert.InRange(Store.Statements.Count, 1, 3);
        Assert.All(Store.Statements, wants => Assert.Equal(wants.OrderBy(want => want.KeyId), wants));
    }

    [Fact]
    public async Task A_new_limit_begins_with_what_the_database_says()
    {
        Store.Extra = 50;
        await TakeAsync(Key(1, requests: 100), cost: 25);
        await TakeAsync(Key(1, requests: 100), cost: 25); // and 25 more

        Assert.Equal(RateVerdict.Refuse, (await TakeAsync(Key(1, requests: 75))).Verdict);
        Assert.Equal(RateVerdict.Admit, (await TakeAsync(Key(1, requests: 76))).Verdict);
    }

    [Fact]
    public async Task A_request_that_costs_too_much_takes_nothing_from_the_others()
    {
        var key = Key(1, requests: 10);
        await TakeAsync(key, cost: 4);
        await Store.TakeAsync([new Want(key.Id, key.RateLimit!, Wanted: 3, Least: 3, Extra: 0)], default); // another node

        Assert.Equal((RateVerdict.Refuse, 3), (await TakeAsync(key, cost: 5)) is var refused ? (refused.Verdict, refused.Limit.Remaining) : default);
        Assert.Equal(5, Store.Statements[^1][0].Least);
        Assert.Equal((RateVerdict.Admit, 0), (await TakeAsync(key, cost: 3)) is var last ? (last.Verdict, last.Limit.Remaining) : default);
    }

    /// <summary>Its window has ended here, and not in the database.</summary>
    [Fact]
    public async Task What_is_in_hand_is_enough_when_only_the_time_has_to_be_asked()
    {
        Store.Extra = 50;
        var key = Key(1, requests: 100, windowSeconds: 10_000);
        await TakeAsync(key, cost: 10);
        await TakeAsync(key, cost: 10); // and 10 more
        Clock.Advance(TimeSpan.FromSeconds(9_999) - TimeSpan.FromTicks(Clock.GetTimestamp() % TimeSpan.FromSeconds(10_000).Ticks));

        Assert.Equal(RateVerdict.Ask, Limiter.TryTake(key, 1).Verdict);
        Assert.Equal(RateVerdict.Admit, (await TakeAsync(key)).Verdict);
        Assert.Equal((0, 0), (Store.Statements[^1][0].Wanted, Store.Statements[^1][0].Extra));
    }

    [Fact]
    public async Task Whose_window_has_ended_is_forgotten()
    {
        for (var i = 0; i < 10; i++)
            await TakeAsync(Key(i, requests: 5));

        Clock.Advance(TimeSpan.FromSeconds(61));
        await TakeAsync(Key(1, requests: 5));

        await Eventually.TrueAsync(() => Limiter.Count == 1, () => $"{Limiter.Count} are remembered");
    }

    [Fact]
    public async Task More_keys_than_are_remembered_get_what_they_may_all_the_same()
    {
        Store.Extra = 40;
        var admitted = 0;
        for (var round = 0; round < 100; round++)
            for (var i = 0; i < MaxKeys + 100; i++)
                if ((await TakeAsync(Key(i, requests: 1_000))).Verdict == RateVerdict.Admit)
                    admitted++;

        Assert.Equal(100 * (MaxKeys + 100), admitted);
        Assert.Equal(MaxKeys, Limiter.Count);
    }
}
