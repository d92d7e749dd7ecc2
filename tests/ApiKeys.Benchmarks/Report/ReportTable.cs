namespace ApiKeys.Benchmarks.Report;

/// <summary>The report as one reads it in a terminal.</summary>
internal static class ReportTable
{
    public static void Print(TextWriter output, Machine machine, IReadOnlyList<Measure> measures)
    {
        output.WriteLine($"Medians of interleaved rounds (min-max); {machine}");
        output.WriteLine();
        output.WriteLine($"{"",-62}{"result",-38}{"to reach",-18}stretch");
        foreach (var bench in measures.GroupBy(measure => measure.Bench))
        {
            output.WriteLine(bench.Key);
            foreach (var measure in bench)
                output.WriteLine(Line(measure).TrimEnd());
        }
    }

    private static string Line(Measure measure)
    {
        var (result, goal) = (measure.Result, measure.Goal);
        var range = result.Rounds > 1 ? $" ({Measure.Number(result.Min)}-{Measure.Number(result.Max)}) of {result.Rounds}" : "";
        var reached = Judged(goal, goal?.ToReach, goal?.IsReachedBy(result.Median));
        var stretch = Judged(goal, goal?.Stretch, goal?.IsStretchReachedBy(result.Median));
        return $"  {measure.Name,-60}{measure.Text(result.Median) + range,-38}{reached,-18}{stretch}";
    }

    private static string Judged(Goal? goal, double? limit, bool? isReached) => limit is { } value
        ? $"{(goal!.IsAtLeast ? '≥' : '≤')} {Measure.Number(value),-7}{(isReached == true ? "yes" : "NO")}"
        : "";
}
