namespace ApiKeys.Benchmarks.Report;

/// <summary>Where benches put what they found.</summary>
internal sealed class Findings
{
    private readonly List<Measure> _measures = [];

    public IReadOnlyList<Measure> Measures => _measures;

    /// <summary>Its version; of whichever bench had one.</summary>
    public string Postgres { get; set; } = "none";

    public void Add(Measure measure) => _measures.Add(measure);

    public void Add(string bench, string name, string unit, Spread result, Goal? goal = null) =>
        Add(new Measure(bench, name, unit, result, goal));
}
