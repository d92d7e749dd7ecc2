using ApiKeys.Server.Verification.RateLimits;

namespace ApiKeys.Server.Tests.Verification.RateLimits;

/// <summary>The database is away or slow, clients give up, the host stops.</summary>
public sealed class RateLimiterFaultTests : LimiterTest
{
    [Fact]
    public async Task While_the_database_is_away_what_is_in_hand_goes_on_and_then_nobody_knows_and_nobody_waits()
    {
        var key = Key(1, requests: 100);
        Store.Extra = 1;
        await TakeAsync(key);
        await TakeAsync(key); // and one more
        Store.IsAway = true;

        Assert.Equal(RateVerdict.Admit, (await TakeAsync(key)).Verdict);
        for (var i = 0; i < 50; i++)
            Assert.Equal(RateVerdict.Ask, (await TakeAsync(key)).Verdict);

        Assert.Equal(3, Store.Statements.Count); // then it rests
        Store.IsAway = false;
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(RateVerdict.Admit, (await TakeAsync(key)).Verdict);
    }

    [Fact]
    public async Task Whoever_asks_while_the_database_hangs_does_not_wait_for_one_timeout_after_the_other()
    {
        Store.Hold();
        Store.IsAway = true;
        var all = Enumerable.Range(0, 5_000).Select(i => TakeAsync(Key(i, requests: 1))).ToList();
        Store.Release();

        Assert.All(await Task.WhenAll(all), answer => Assert.Equal(RateVerdict.Ask, answer.Verdict));
        Assert.InRange(Store.Statements.Count, 1, 2);
    }

    [Fact]
    public async Task A_fault_that_will_not_pass_is_told_from_a_database_that_is_away()
    {
        Store.Fault = new InvalidOperationException("a bug");

        Assert.Equal(RateVerdict.Fail, (await TakeAsync(Key(1, requests: 1))).Verdict);
        Assert.Equal(RateVerdict.Fail, (await TakeAsync(Key(1, requests: 1))).Verdict); // while it rests
    }

    [Fact]
    public async Task Who_gives_up_is_charged_nothing()
    {
        Store.Hold();
        var key = Key(1, requests: 1);
        using var gone = new CancellationTokenSource();
        var first = Limiter.TakeAsync(key, 1, gone.Token);
        await AskedAsync(1);
        await gone.CancelAsync();
        Store.Release();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(RateVerdict.Admit, (await TakeAsync(key)).Verdict);
    }

    [Fact]
    public async Task One_who_gives_up_leaves_the_others_their_turn()
    {
        Store.Hold();
        var key = Key(1, requests: 2);
        using var gone = new CancellationTokenSource();
        var first = Limiter.TakeAsync(key, 1, gone.Token);
        var second = TakeAsync(key);
        await gone.CancelAsync();
        Store.Release();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(RateVerdict.Admit, (await second).Verdict);
    }

    [Fact]
    public async Task Nobody_waits_for_ever_for_answers_that_come_too_late()
    {
        Store.WhileAsked = () => Clock.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal(RateVerdict.Ask, (await TakeAsync(Key(1, requests: 5))).Verdict);
        Assert.Equal(3, Store.Statements.Count);
    }

    [Fact]
    public async Task Nobody_waits_for_a_host_that_stops()
    {
        Store.Hold();
        var waits = TakeAsync(Key(1, requests: 5));
        await AskedAsync(1);

        await Limiter.StopAsync(default);

        Assert.Equal(RateVerdict.Ask, (await waits).Verdict);
        Assert.Equal(RateVerdict.Ask, (await TakeAsync(Key(2, requests: 5))).Verdict);
    }
}
