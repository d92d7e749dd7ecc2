using ApiKeys.Server.Lookup;
using ApiKeys.Server.Model;
using ApiKeys.Server.Tests.Fixtures;
using ApiKeys.Server.Tests.Lookup;
using ApiKeys.Server.Verification.RateLimits;
using Microsoft.Extensions.Logging.Abstractions;

namespace ApiKeys.Server.Tests.Verification.RateLimits;

public sealed class RateLimiterTests : IAsyncLifetime, IDisposable
{
    private const int MaxKeys = 1_000;
    private readonly SteppedClock _clock = new();
    private readonly MemoryAllowances _store;
    private readonly RateLimiter _limiter;

    public RateLimiterTests()
    {
        _store = new MemoryAllowances(_clock);
        _limiter = new RateLimiter(_store, new LookupOptions { MaxKeys = MaxKeys }, _clock, new Random(1), NullLogger<RateLimiter>.Instance);
    }

    public Task InitializeAsync() => _limiter.StartAsync(default);

    public Task DisposeAsync() => _limiter.StopAsync(default);

    public void Dispose() => _limiter.Dispose();

    [Fact]
    public async Task Of_many_at_once_just_so_many_are_admitted_and_the_database_is_asked_a_few_times()
    {
        var key = Key(1, requests: 100);

        var answers = await Task.WhenAll(Enumerable.Range(0, 1_022).Select(_ => TakeAsync(key)));

        Assert.Equal(100, answers.Count(answer => answer.Verdict == RateVerdict.Admit));
        Assert.Equal(922, answers.Count(answer => answer.Verdict == RateVerdict.Refuse));
        Assert.InRange(_store.Statements.Count, 1, 3);
    }

    [Fact]
    public async Task Who_waits_is_served_in_turn_and_no_one_takes_his_place()
    {
        var key = Key(1, requests: 2);
        _store.Hold();
        var first = TakeAsync(key);
        await AskedAsync(1);
        var (second, third) = (TakeAsync(key), TakeAsync(key));
        _store.Release();

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
        var asked = _store.Statements.Count;

        for (var i = 0; i < 100; i++)
            Assert.Equal(RateVerdict.Refuse, _limiter.TryTake(key, 1).Verdict);

        Assert.Equal(asked, _store.Statements.Count);
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(RateVerdict.Ask, _limiter.TryTake(key, 1).Verdict);
        Assert.Equal(RateVerdict.Admit, (await TakeAsync(key)).Verdict);
    }

    [Fact]
    public async Task What_is_in_hand_costs_no_statement_and_is_lost_with_its_window()
    {
        var key = Key(1, requests: 100);
        _store.Extra = 10;
        for (var left = 99; left >= 84; left--) // 1, 1 and 1 to come, 1 and 3, 1 and 7
            Assert.Equal(left, (await TakeAsync(key)).Limit.Remaining);

        Assert.Equal([0, 1, 3, 7, 15], _store.Statements.Select(wants => wants[0].Extra));
        for (var left = 83; left >= 75; left--)
        {
            var answer = _limiter.TryTake(key, 1);
            Assert.Equal((RateVerdict.Admit, left), (answer.Verdict, answer.Limit.Remaining));
        }

        Assert.Equal(5, _store.Statements.Count);
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(99, (await TakeAsync(key)).Limit.Remaining);
        Assert.Equal(25, _store.Statements[^1][0].Extra); // as much as in the window before
        _clock.Advance(TimeSpan.FromSeconds(120));
        await TakeAsync(key);
        Assert.Equal(0, _store.Statements[^1][0].Extra);
    }

    [Fact]
    public async Task What_is_in_hand_when_a_host_stops_is_given_back()
    {
        _store.Extra = 10;
        var key = Key(1, requests: 100);
        await TakeAsync(Key(2, requests: 100));
        for (var i = 0; i < 2; i++)
            await TakeAsync(key, cost: 2);

        await _limiter.StopAsync(default);

        var rest = Assert.Single(_store.GivenBack);
        Assert.Equal((key.Id, 60, 2), (rest.KeyId, rest.WindowSeconds, rest.Amount)); // of 2 and 4, which is 2 more to come
    }

    [Fact]
    public async Task The_answer_says_what_is_allowed_what_is_left_and_when_it_begins_anew()
    {
        _clock.Advance(TimeSpan.FromSeconds(17.5));
        var answer = await TakeAsync(Key(1, requests: 3));

        Assert.Equal(("key", 3, 60), (answer.Limit.Policy.Name, answer.Limit.Policy.Requests, answer.Limit.Policy.WindowSeconds));
        Assert.Equal((2, 43), (answer.Limit.Remaining, answer.Limit.ResetSeconds));
        _clock.Advance(TimeSpan.FromSeconds(42.4));
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
        _store.Hold();
        var all = Enumerable.Range(0, 500).Select(i => TakeAsync(Key(i, requests: 1))).ToList();
        _store.Release();

        Assert.All(await Task.WhenAll(all), answer => Assert.Equal(RateVerdict.Admit, answer.Verdict));
        Assert.InRange(_store.Statements.Count, 1, 3);
        Assert.All(_store.Statements, wants => Assert.Equal(wants.OrderBy(want => want.KeyId), wants));
    }

    [Fact]
    public async Task While_the_database_is_away_what_is_in_hand_goes_on_and_then_nobody_knows_and_nobody_waits()
    {
        var key = Key(1, requests: 100);
        _store.Extra = 1;
        await TakeAsync(key);
        await TakeAsync(key); // and one more
        _store.IsAway = true;

        Assert.Equal(RateVerdict.Admit, (await TakeAsync(key)).Verdict);
        for (var i = 0; i < 50; i++)
            Assert.Equal(RateVerdict.Ask, (await TakeAsync(key)).Verdict);

        Assert.Equal(3, _store.Statements.Count); // then it rests
        _store.IsAway = false;
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(RateVerdict.Admit, (await TakeAsync(key)).Verdict);
    }

    [Fact]
    public async Task Whoever_asks_while_the_database_hangs_does_not_wait_for_one_timeout_after_the_other()
    {
        _store.Hold();
        _store.IsAway = true;
        var all = Enumerable.Range(0, 5_000).Select(i => TakeAsync(Key(i, requests: 1))).ToList();
        _store.Release();

        Assert.All(await Task.WhenAll(all), answer => Assert.Equal(RateVerdict.Ask, answer.Verdict));
        Assert.InRange(_store.Statements.Count, 1, 2);
    }

    [Fact]
    public async Task A_fault_that_will_not_pass_is_told_from_a_database_that_is_away()
    {
        _store.Fault = new InvalidOperationException("a bug");

        Assert.Equal(RateVerdict.Fail, (await TakeAsync(Key(1, requests: 1))).Verdict);
        Assert.Equal(RateVerdict.Fail, (await TakeAsync(Key(1, requests: 1))).Verdict); // while it rests
    }

    [Fact]
    public async Task A_new_limit_begins_with_what_the_database_says()
    {
        _store.Extra = 50;
        await TakeAsync(Key(1, requests: 100), cost: 25);
        await TakeAsync(Key(1, requests: 100), cost: 25); // and 25 more

        Assert.Equal(RateVerdict.Refuse, (await TakeAsync(Key(1, requests: 75))).Verdict);
        Assert.Equal(RateVerdict.Admit, (await TakeAsync(Key(1, requests: 76))).Verdict);
    }

    [Fact]
    public async Task Who_gives_up_is_charged_nothing()
    {
        _store.Hold();
        var key = Key(1, requests: 1);
        using var gone = new CancellationTokenSource();
        var first = _limiter.TakeAsync(key, 1, gone.Token);
        await AskedAsync(1);
        await gone.CancelAsync();
        _store.Release();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(RateVerdict.Admit, (await TakeAsync(key)).Verdict);
    }

    [Fact]
    public async Task A_request_that_costs_too_much_takes_nothing_from_the_others()
    {
        var key = Key(1, requests: 10);
        await TakeAsync(key, cost: 4);
        await _store.TakeAsync([new Want(key.Id, key.RateLimit!, Wanted: 3, Least: 3, Extra: 0)], default); // another node

        Assert.Equal((RateVerdict.Refuse, 3), (await TakeAsync(key, cost: 5)) is var refused ? (refused.Verdict, refused.Limit.Remaining) : default);
        Assert.Equal(5, _store.Statements[^1][0].Least);
        Assert.Equal((RateVerdict.Admit, 0), (await TakeAsync(key, cost: 3)) is var last ? (last.Verdict, last.Limit.Remaining) : default);
    }

    [Fact]
    public async Task Nobody_waits_for_ever_for_answers_that_come_too_late()
    {
        _store.WhileAsked = () => _clock.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal(RateVerdict.Ask, (await TakeAsync(Key(1, requests: 5))).Verdict);
        Assert.Equal(3, _store.Statements.Count);
    }

    /// <summary>Its window has ended here, and not in the database.</summary>
    [Fact]
    public async Task What_is_in_hand_is_enough_when_only_the_time_has_to_be_asked()
    {
        _store.Extra = 50;
        var key = Key(1, requests: 100, windowSeconds: 10_000);
        await TakeAsync(key, cost: 10);
        await TakeAsync(key, cost: 10); // and 10 more
        _clock.Advance(TimeSpan.FromSeconds(9_999) - TimeSpan.FromTicks(_clock.GetTimestamp() % TimeSpan.FromSeconds(10_000).Ticks));

        Assert.Equal(RateVerdict.Ask, _limiter.TryTake(key, 1).Verdict);
        Assert.Equal(RateVerdict.Admit, (await TakeAsync(key)).Verdict);
        Assert.Equal((0, 0), (_store.Statements[^1][0].Wanted, _store.Statements[^1][0].Extra));
    }

    [Fact]
    public async Task One_who_gives_up_leaves_the_others_their_turn()
    {
        _store.Hold();
        var key = Key(1, requests: 2);
        using var gone = new CancellationTokenSource();
        var first = _limiter.TakeAsync(key, 1, gone.Token);
        var second = TakeAsync(key);
        await gone.CancelAsync();
        _store.Release();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(RateVerdict.Admit, (await second).Verdict);
    }

    [Fact]
    public async Task Whose_window_has_ended_is_forgotten()
    {
        for (var i = 0; i < 10; i++)
            await TakeAsync(Key(i, requests: 5));

        _clock.Advance(TimeSpan.FromSeconds(61));
        await TakeAsync(Key(1, requests: 5));

        await Eventually.TrueAsync(() => _limiter.Count == 1, () => $"{_limiter.Count} are remembered");
    }

    [Fact]
    public async Task More_keys_than_are_remembered_get_what_they_may_all_the_same()
    {
        _store.Extra = 40;
        var admitted = 0;
        for (var round = 0; round < 100; round++)
            for (var i = 0; i < MaxKeys + 100; i++)
                if ((await TakeAsync(Key(i, requests: 1_000))).Verdict == RateVerdict.Admit)
                    admitted++;

        Assert.Equal(100 * (MaxKeys + 100), admitted);
        Assert.Equal(MaxKeys, _limiter.Count);
    }

    [Fact]
    public async Task Nobody_waits_for_a_host_that_stops()
    {
        _store.Hold();
        var waits = TakeAsync(Key(1, requests: 5));
        await AskedAsync(1);

        await _limiter.StopAsync(default);

        Assert.Equal(RateVerdict.Ask, (await waits).Verdict);
        Assert.Equal(RateVerdict.Ask, (await TakeAsync(Key(2, requests: 5))).Verdict);
    }

    private Task<RateAnswer> TakeAsync(KeySnapshot key, int cost = 1) => _limiter.TakeAsync(key, cost, default);

    private Task AskedAsync(int statements) =>
        Eventually.TrueAsync(() => _store.Statements.Count == statements, () => $"{_store.Statements.Count} statements");

    private static KeySnapshot Key(int number, int requests, int windowSeconds = 60) => Snapshots.Of(number) with
    {
        Id = new Guid(number, 0, 0, new byte[8]),
        RateLimit = new RateLimit(requests, windowSeconds),
    };
}
