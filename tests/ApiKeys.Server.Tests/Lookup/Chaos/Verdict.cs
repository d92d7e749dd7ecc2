namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>
/// What a history says of the promise: pure functions of what was asked and answered. Moments are taken before a request is sent
/// and after its answer was read, so that what is found happened.
/// </summary>
internal static class Verdict
{
    public static IReadOnlyList<Violation> Of(IReadOnlyList<Call> calls, IReadOnlyList<Cut> cuts)
    {
        var cutOf = cuts.SelectMany(cut => cut.Keys.Select(key => (key, cut))).ToDictionary(pair => pair.key, pair => pair.cut);
        return
        [
            .. calls.GroupBy(call => call.Key).SelectMany(
                ofKey => cutOf.TryGetValue(ofKey.Key, out var cut) ? OfCutKey([.. ofKey], cut) : OfLivingKey(ofKey)),
        ];
    }

    /// <summary>Changes that were asked of an untroubled node, and took longer than the end of a troubled one's lease.</summary>
    public static IReadOnlyList<Violation> OfDurations(IReadOnlyList<Cut> cuts, IReadOnlyList<FaultSpan> faults, TimeSpan bound) =>
    [
        .. from cut in cuts
           from attempt in cut.Attempts
           where attempt.Status == 200 && attempt.Took > bound
           let met = faults.Where(fault => fault.Overlaps(attempt.Sent, attempt.Ended)).ToList()
           where met.All(fault => fault.Kind.SparesOthers() && fault.Node != attempt.Node)
           where attempt.Ended - met.Select(fault => fault.Began).Append(attempt.Sent).Max() > bound // what went before is no fault's
           select new Violation(Rule.AnsweredTooLate, $"{attempt}, during {string.Join(", ", met)}; {cut}"),
    ];

    /// <summary>How many requests of a key that was cut began after it was in force: what the first rule rests on.</summary>
    public static int AskedAfter(IReadOnlyList<Call> calls, IReadOnlyList<Cut> cuts)
    {
        var inForce = cuts.SelectMany(cut => cut.Keys.Select(key => (key, cut.InForce))).ToDictionary(pair => pair.key, pair => pair.InForce);
        return calls.Count(call => !call.IsUnanswered && inForce.TryGetValue(call.Key, out var from) && call.Began > from);
    }

    private static IEnumerable<Violation> OfCutKey(IReadOnlyList<Call> calls, Cut cut)
    {
        var refused = calls.Where(cut.IsRefusal)
            .GroupBy(call => call.Node)
            .ToDictionary(ofNode => ofNode.Key, ofNode => ofNode.MinBy(call => call.Ended)!);
        foreach (var call in calls)
        {
            if (call.IsAccepted && call.Began > cut.InForce)
                yield return new Violation(Rule.AcceptedAfterTheAnswer, $"{call}, after {cut}");

            if (call.IsAccepted && refused.TryGetValue(call.Node, out var before) && call.Began > before.Ended && !AsksDifferentNodes(call))
                yield return new Violation(Rule.AcceptedAfterARefusal, $"{call}, after {before}; {cut}");

            if (cut.IsRefusal(call) && call.Ended < cut.Sent)
                yield return new Violation(Rule.RefusedBeforeTheChange, $"{call}, before {cut}");

            if (!IsOrdinary(call) && !cut.IsRefusal(call))
                yield return new Violation(Rule.StrangeAnswer, $"{call}; {cut}");
        }
    }

    /// <summary>An API may be answered by one that knows of a change under way, and then by one that does not.</summary>
    private static bool AsksDifferentNodes(Call call) => call.Node.StartsWith(ChaosNode.Api, StringComparison.Ordinal);

    private static IEnumerable<Violation> OfLivingKey(IEnumerable<Call> calls) =>
        calls.Where(call => !IsOrdinary(call)).Select(call => new Violation(Rule.StrangeAnswer, $"{call}, a key that lives"));

    /// <summary>A key that is good is accepted, or nobody can tell for now; and a node that dies answers nothing.</summary>
    private static bool IsOrdinary(Call call) => call.IsAccepted || call.IsUnavailable || call.IsUnanswered;
}

internal enum Rule
{
    /// <summary>A request that began after the change was answered, or after the instant that a 202 named.</summary>
    AcceptedAfterTheAnswer,

    /// <summary>On the same node, a request that began after another was refused for the change.</summary>
    AcceptedAfterARefusal,

    /// <summary>Refused for a change that nobody had asked for yet.</summary>
    RefusedBeforeTheChange,

    /// <summary>Neither accepted, nor refused for a change, nor 503 with <c>Retry-After</c>.</summary>
    StrangeAnswer,

    /// <summary>One node's trouble held a change up for longer than its lease.</summary>
    AnsweredTooLate,

    /// <summary>When all was well again, a key that lives was not accepted, or one that does not was not refused.</summary>
    WrongInTheEnd,
}

internal sealed record Violation(Rule Rule, string What)
{
    public override string ToString() => $"{Rule}: {What}";
}
