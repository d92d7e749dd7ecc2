using System.Globalization;

namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>What was done, what befell whom, and whether the promise was kept.</summary>
internal sealed class ChaosReport
{
    private const int ViolationsShown = 20;

    /// <summary>For two busy cores, on top of the end of a lease.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1.5);

    private readonly int _seed;
    private readonly TimeSpan _length;
    private readonly IReadOnlyList<string> _failures;

    public ChaosReport(int seed, History history, IEnumerable<Violation> atTheEnd)
    {
        (_seed, _length, Calls, Cuts, Faults) = (seed, history.Now, history.Calls, history.Cuts, history.Faults);
        _failures = history.Failures;
        AskedAfter = Verdict.AskedAfter(Calls, Cuts);
        Violations = [.. Verdict.Of(Calls, Cuts), .. Verdict.OfDurations(Cuts, Faults, ChaosCluster.EndOfLease + Slack), .. atTheEnd];
    }

    public IReadOnlyList<Call> Calls { get; }

    public IReadOnlyList<Cut> Cuts { get; }

    public IReadOnlyList<FaultSpan> Faults { get; }

    /// <summary>Requests of a key that began after its end was in force.</summary>
    public int AskedAfter { get; }

    public IReadOnlyList<Violation> Violations { get; }

    /// <summary>Changes that were under way when a fault of this kind began.</summary>
    public int UnderWayAt(FaultKind kind) => Faults.Where(fault => fault.Kind == kind)
        .Sum(fault => Cuts.Count(cut => cut.Sent <= fault.Began && cut.Attempts[^1].Ended >= fault.Began));

    public override string ToString()
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine(
            $"Seed {_seed}, {_length.TotalSeconds:0} s, 3 nodes and 2 APIs, a lease of {ChaosCluster.Lease.TotalSeconds} s that has ended after "
            + $"{ChaosCluster.EndOfLease.TotalSeconds:0.000} s");
        text.WriteLine(
            $"{Calls.Count:N0} requests: {Calls.Count(call => call.IsAccepted):N0} accepted, {AskedAfter:N0} of keys whose end was in force; "
            + Counts(Calls.Where(call => !call.IsAccepted), call => call.IsUnanswered ? "no answer" : $"{call.Status} {call.Code}"));
        text.WriteLine(
            $"{Cuts.Count:N0} changes: {Counts(Cuts, cut => cut.Kind)}; {Counts(Cuts.SelectMany(cut => cut.Attempts), attempt => $"answered {attempt.Status}")}");
        text.WriteLine();
        text.WriteLine($"{"fault",-24}{"times",6}{"under way",11}{"changes",9}{"median ms",11}{"slowest ms",12}{"back after ms",15}");
        WriteLine(text, "none", Faults.Count, null, Attempts(at => !Faults.Any(fault => fault.Overlaps(at.Sent, at.Ended))), null);
        foreach (var kind in Faults.GroupBy(fault => fault.Kind).OrderBy(kind => kind.Key))
        {
            var met = Attempts(at => kind.Any(fault => fault.Node != at.Node && fault.Overlaps(at.Sent, at.Ended)));
            WriteLine(text, $"{kind.Key}", kind.Count(), UnderWayAt(kind.Key), met, kind.Max(fault => fault.Back - fault.Healed));
        }

        text.WriteLine();
        text.WriteLine(Violations.Count == 0 ? "The promise was kept." : $"THE PROMISE WAS BROKEN {Violations.Count} times:");
        foreach (var violation in Violations.Take(ViolationsShown))
            text.WriteLine($"  {violation}");
        foreach (var fault in Faults.Where(_ => Violations.Count > 0))
            text.WriteLine($"  {fault}");
        foreach (var failure in _failures)
            text.WriteLine($"\n{failure}");

        return text.ToString();
    }

    /// <summary>Those that were answered with 200: how long each took.</summary>
    private List<double> Attempts(Func<Attempt, bool> condition) =>
        [.. Cuts.SelectMany(cut => cut.Attempts).Where(at => at.Status == 200 && condition(at)).Select(at => at.Took.TotalMilliseconds).Order()];

    private static void WriteLine(StringWriter text, string fault, int times, int? underWay, List<double> took, TimeSpan? back)
    {
        var (median, slowest) = took.Count == 0 ? ("-", "-") : ($"{took[took.Count / 2]:0.0}", $"{took[^1]:0}");
        text.WriteLine(
            $"{fault,-24}{(underWay is null ? "" : $"{times}"),6}{underWay,11}{took.Count,9}{median,11}{slowest,12}{back?.TotalMilliseconds,15:0}");
    }

    private static string Counts<T, TKey>(IEnumerable<T> things, Func<T, TKey> keyOf)
        where TKey : notnull => string.Join(
        ", ", things.CountBy(keyOf).OrderByDescending(count => count.Value).Select(count => $"{count.Value:N0} {count.Key}"));
}
