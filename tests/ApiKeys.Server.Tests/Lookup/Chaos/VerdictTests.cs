namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>Histories made by hand: what breaks the promise is found, and what does not is not.</summary>
public sealed class VerdictTests
{
    private const int Key = 1;

    /// <summary>Sent at 10, answered at 12.</summary>
    private static readonly Cut Revoked = Cut(CutKind.Revoked, Attempt(10, 12, 200, inForce: 12));

    [Fact]
    public void Accepting_a_key_after_its_end_was_answered_is_found() =>
        Assert.Equal([Rule.AcceptedAfterTheAnswer], RulesBrokenBy(Revoked, Accepted(12.001, 13)));

    [Fact]
    public void Accepting_a_key_while_its_end_is_under_way_is_allowed_even_where_another_node_refuses_already() =>
        Assert.Empty(RulesBrokenBy(Revoked, Refused(10, 10.5, node: "A"), Accepted(11.999, 13, node: "B")));

    [Fact]
    public void Accepting_a_key_on_the_node_that_has_refused_it_is_found() =>
        Assert.Equal([Rule.AcceptedAfterARefusal], RulesBrokenBy(Revoked, Refused(10, 10.5), Accepted(10.501, 11)));

    [Fact]
    public void Two_requests_at_the_same_time_on_one_node_may_be_answered_differently() =>
        Assert.Empty(RulesBrokenBy(Revoked, Refused(10, 11), Accepted(10.9, 11.5)));

    [Fact]
    public void Refusing_a_key_before_its_end_was_asked_for_is_found() =>
        Assert.Equal([Rule.RefusedBeforeTheChange], RulesBrokenBy(Revoked, Refused(9, 9.999)));

    [Fact]
    public void Refusing_a_key_from_the_moment_that_its_end_was_asked_for_is_allowed() =>
        Assert.Empty(RulesBrokenBy(Revoked, Refused(9, 10.001)));

    [Theory]
    [InlineData(401, "invalid_key")]
    [InlineData(403, "insufficient_scope")]
    [InlineData(500, "internal_error")]
    [InlineData(503, "unavailable")] // without Retry-After
    public void An_answer_that_is_neither_of_the_key_nor_of_the_trouble_is_found(int status, string code)
    {
        Assert.Equal([Rule.StrangeAnswer], RulesBrokenBy(Revoked, new Call("A", Key, At(11), At(12), status, code)));
        Assert.Equal([Rule.StrangeAnswer], RulesBrokenBy(null, new Call("A", Key, At(11), At(12), status, code)));
    }

    [Fact]
    public void Refusing_a_key_that_nobody_ended_is_found() =>
        Assert.Equal([Rule.StrangeAnswer], RulesBrokenBy(null, Refused(1, 2)));

    [Fact]
    public void Nobody_can_tell_for_now_and_no_answer_at_all_are_allowed_at_any_time() =>
        Assert.Empty(RulesBrokenBy(
            Revoked, new Call("A", Key, At(9), At(9.5), 503, "unavailable", HasRetryAfter: true), new Call("A", Key, At(13), At(14), 0)));

    [Fact]
    public void A_202_is_held_to_the_instant_that_it_names()
    {
        var pending = Cut(CutKind.Disabled, Attempt(10, 11, 202, inForce: 13), Attempt(12, 20, 200, inForce: 20));

        Assert.Empty(RulesBrokenBy(pending, Accepted(12.999, 14)));
        Assert.Equal([Rule.AcceptedAfterTheAnswer], RulesBrokenBy(pending, Accepted(13.001, 14)));
    }

    [Fact]
    public void A_change_that_was_never_answered_promises_nothing() =>
        Assert.Empty(RulesBrokenBy(
            Cut(CutKind.Revoked, Attempt(10, 12, 503, inForce: null), Attempt(13, 14, 0, inForce: null)), Accepted(15, 16), Refused(15, 17)));

    [Fact]
    public void A_change_that_waits_longer_than_for_the_end_of_a_lease_is_found_and_one_that_was_asked_of_the_troubled_node_is_not()
    {
        var late = Cut(CutKind.Revoked, Attempt(10, 15, 200, inForce: 15));
        FaultSpan Paused(string node) => new(FaultKind.PausedForLong, node, At(9), At(14), At(16));
        var crashed = new FaultSpan(FaultKind.DatabaseCrashedForLong, null, At(9), At(14), At(16));

        Assert.Equal([Rule.AnsweredTooLate], RulesBroken([late], [Paused("B")]));
        Assert.Equal([Rule.AnsweredTooLate], RulesBroken([late], []));
        Assert.Empty(RulesBroken([late], [Paused("A")]));
        Assert.Empty(RulesBroken([late], [crashed]));
        Assert.Empty(RulesBroken([Revoked], [Paused("B")]));

        static IEnumerable<Rule> RulesBroken(Cut[] cuts, FaultSpan[] faults) =>
            Verdict.OfDurations(cuts, faults, bound: At(3)).Select(violation => violation.Rule);
    }

    [Fact]
    public void It_is_counted_how_often_the_first_rule_was_put_to_the_test() =>
        Assert.Equal(1, Verdict.AskedAfter([Accepted(11, 12), Refused(12.001, 13), new Call("A", 2, At(20), At(21), 200)], [Revoked]));

    private static IEnumerable<Rule> RulesBrokenBy(Cut? cut, params Call[] calls) =>
        Verdict.Of(calls, cut is null ? [] : [cut]).Select(violation => violation.Rule);

    private static Cut Cut(CutKind kind, params Attempt[] attempts) => new(kind, [Key], attempts);

    private static Attempt Attempt(double sent, double ended, int status, double? inForce) =>
        new("A", "DELETE", At(sent), At(ended), status, inForce is { } from ? At(from) : null);

    private static Call Accepted(double began, double ended, string node = "A") => new(node, Key, At(began), At(ended), 200);

    private static Call Refused(double began, double ended, string node = "A") => new(node, Key, At(began), At(ended), 401, "revoked_key");

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
