namespace ApiKeys.Benchmarks.Report;

/// <summary>What several rounds came to.</summary>
internal sealed record Spread(double Median, double Min, double Max, int Rounds)
{
    public static Spread Of(IReadOnlyCollection<double> values) => new(MedianOf(values), values.Min(), values.Max(), values.Count);

    /// <summary>Where the least round is what counts, and stands for the median.</summary>
    public static Spread OfLeast(IReadOnlyCollection<double> values) => Of(values) with { Median = values.Min() };

    /// <summary>Of each round's own ratio: what slowed a round slowed both.</summary>
    public static Spread OfRatios(IEnumerable<double> values, IEnumerable<double> yardstick) =>
        Of([.. values.Zip(yardstick, (value, one) => value / one)]);

    public static double MedianOf(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
