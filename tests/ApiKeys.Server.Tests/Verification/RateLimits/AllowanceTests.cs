using ApiKeys.Server.Verification.RateLimits;

namespace ApiKeys.Server.Tests.Verification.RateLimits;

public sealed class AllowanceTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    [Theory]
    [InlineData(3, 0, 1, RateVerdict.Admit)]
    [InlineData(3, 0, 3, RateVerdict.Admit)]
    [InlineData(3, 0, 4, RateVerdict.Refuse)]
    [InlineData(3, 1, 4, RateVerdict.Ask)]
    [InlineData(3, 1, 5, RateVerdict.Refuse)]
    [InlineData(0, 0, 1, RateVerdict.Refuse)]
    [InlineData(0, 1, 1, RateVerdict.Ask)]
    [InlineData(0, 0, 0, RateVerdict.Admit)] // it only asks how much is left
    [InlineData(int.MaxValue, int.MaxValue, int.MaxValue, RateVerdict.Admit)]
    [InlineData(1, int.MaxValue, int.MaxValue, RateVerdict.Ask)]
    internal void What_is_in_hand_decides_and_then_what_is_left(int inHand, int left, int cost, RateVerdict verdict) =>
        Assert.Equal(verdict, new Allowance(Window: 7, inHand, left, EndsAt: 10, OverAt: 12).Decide(cost, now: 9));

    [Theory]
    [InlineData(9, RateVerdict.Admit)]
    [InlineData(10, RateVerdict.Ask)]
    internal void When_its_window_may_have_ended_it_is_worth_nothing(long now, RateVerdict verdict)
    {
        Assert.Equal(verdict, new Allowance(Window: 7, InHand: 3, Left: 0, EndsAt: 10, OverAt: 12).Decide(1, now));
        Assert.Equal(RateVerdict.Ask, Allowance.None.Decide(1, now));
    }

    [Fact]
    public void A_grant_adds_to_what_is_in_hand_of_the_same_window_and_to_no_other()
    {
        var held = new Allowance(Window: 7, InHand: 3, Left: 100, EndsAt: 10, OverAt: 12);

        Assert.Equal((5, 40), InHandAndLeft(held.With(new Grant(7, Granted: 2, Left: 40, TimeSpan.FromSeconds(1)), sent: 0, received: 0, Second)));
        Assert.Equal((2, 40), InHandAndLeft(held.With(new Grant(8, Granted: 2, Left: 40, TimeSpan.FromSeconds(1)), sent: 0, received: 0, Second)));
    }

    /// <summary>From before it was asked; and the database's clock may be the faster one.</summary>
    [Fact]
    public void A_window_never_ends_later_here_than_in_the_database()
    {
        var held = Allowance.None.With(new Grant(7, Granted: 2, Left: 0, TimeSpan.FromDays(1)), sent: 5 * Second, received: 7 * Second, Second);

        Assert.Equal((5 * Second) + (long)(TimeSpan.FromDays(1).Ticks * 0.9995), held.EndsAt);
        Assert.Equal((7 * Second) + (long)(TimeSpan.FromDays(1).Ticks * 1.0005), held.OverAt);
    }

    [Fact]
    public void What_was_admitted_is_spent()
    {
        var held = new Allowance(Window: 7, InHand: 3, Left: 5, EndsAt: 10, OverAt: 12).Spend(2);

        Assert.Equal((1, 5), InHandAndLeft(held));
    }

    private static (int InHand, int Left) InHandAndLeft(Allowance allowance) => (allowance.InHand, allowance.Left);
}
