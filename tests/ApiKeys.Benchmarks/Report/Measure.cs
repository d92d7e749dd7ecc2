namespace ApiKeys.Benchmarks.Report;

/// <summary>One figure of a bench.</summary>
/// <param name="Bench">The name that the bench has on the command line.</param>
/// <param name="Name">What was measured.</param>
/// <param name="Unit">Empty for a ratio.</param>
/// <param name="Result">Of all rounds.</param>
/// <param name="Goal">Null for what is told to explain the others.</param>
internal sealed record Measure(string Bench, string Name, string Unit, Spread Result, Goal? Goal = null)
{
    /// <summary>A few digits that count, and the unit.</summary>
    public string Text(double value) => Number(value) + (Unit.Length == 0 ? "" : " " + Unit);

    public static string Number(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1000 => value.ToString("N0"),
        >= 100 => value.ToString("0"),
        >= 10 => value.ToString("0.0"),
        >= 0.1 => value.ToString("0.00"),
        _ => value.ToString("0.0000"),
    };
}
