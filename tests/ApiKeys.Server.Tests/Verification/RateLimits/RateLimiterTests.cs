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
        Assert.Equal(99, (await TakeAsync(key)).Limit.Remaining);
        for (var left = 98; left > 88; left--)
        {
            var answer = _limiter.TryTake(key, 1);
            Assert.Equal((RateVerdict.Admit, left), (answer.Verdict, answer.Limit.Remaining));
        }

        Assert.Equal(RateVerdict.Ask, _limiter.TryTake(key, 1).Verdict);
        Assert.Single(_store.Statements);
        await TakeAsync(key);
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(99, (await TakeAsync(key)).Limit.Remaining);
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
        _store.IsAway = true;

        Assert.Equal(RateVerdict.Admit, (await TakeAsync(key)).Verdict);
        for (var i = 0; i < 50; i++)
            Assert.Equal(RateVerdict.Ask, (await TakeAsync(key)).Verdict);

        Assert.Equal(2, _store.Statements.Count); // then it rests
        _store.IsAway = false;
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(RateVerdict.Admit, (await TakeAsync(key)).Verdict);
    }

    [Fact]
    public async Task A_new_limit_begins_with_what_the_database_says()
    {
        _store.Extra = 50;
        await TakeAsync(Key(1, requests: 100));

        Assert.Equal(RateVerdict.Refuse, (await TakeAsync(Key(1, requests: 51))).Verdict);
        Assert.Equal(RateVerdict.Admit, (await TakeAsync(Key(1, requests: 52))).Verdict);
    }

    [Fact]
    public async Task One_who_gives_up_leaves_the_others_their_turn()
    {
        _store.Hold();
        var key = Key(1, requests: 2);
        using var gone = new CancellationTokenSource();
        var first = _limiter.TakeAsync(key, 1, gone.Token).AsTask();
        var second = TakeAsync(key);
        await gone.CancelAsync();
        _store.Release();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(RateVerdict.Admit, (await second).Verdict);
    }

    [Fact]
    public async Task Whose_window_has_ended_is_forgotten_and_there_are_never_more_than_so_many()
    {
        for (var i = 0; i < MaxKeys + 10; i++)
            await TakeAsync(Key(i, requests: 5));

        Assert.InRange(_limiter.Count, 1, MaxKeys);
        _clock.Advance(TimeSpan.FromSeconds(61));
        await TakeAsync(Key(1, requests: 5));
        await Eventually.TrueAsync(() => _limiter.Count == 1, () => $"{_limiter.Count} are remembered");
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

    private Task<RateAnswer> TakeAsync(KeySnapshot key, int cost = 1) => _limiter.TakeAsync(key, cost, default).AsTask();

    private Task AskedAsync(int statements) =>
        Eventually.TrueAsync(() => _store.Statements.Count == statements, () => $"{_store.Statements.Count} statements");

    private static KeySnapshot Key(int number, int requests) => Snapshots.Of(number) with
    {
        Id = new Guid(number, 0, 0, new byte[8]),
        RateLimit = new RateLimit(requests, WindowSeconds: 60),
    };
}
