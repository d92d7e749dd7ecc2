using System.Text.Encodings.Web;
using System.Text.Json;

namespace ApiKeys.Benchmarks.Report;

/// <summary>The report for programs, and for comparing with an earlier one.</summary>
internal static class ReportFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(string path, Machine machine, IEnumerable<Measure> measures)
    {
        var rows = measures.Select(measure => new
        {
            measure.Bench,
            measure.Name,
            measure.Unit,
            Median = Rounded(measure.Result.Median),
            Min = Rounded(measure.Result.Min),
            Max = Rounded(measure.Result.Max),
            measure.Result.Rounds,
            Goal = measure.Goal is not { } goal ? null : new
            {
                Is = goal.IsAtLeast ? "at least" : "at most",
                goal.ToReach,
                Reached = goal.IsReachedBy(measure.Result.Median),
                goal.Stretch,
                StretchReached = goal.IsStretchReachedBy(measure.Result.Median),
            },
        });
        File.WriteAllText(path, JsonSerializer.Serialize(new { machine, measures = rows }, Json) + "\n");
    }

    /// <summary>To four digits that count.</summary>
    private static double Rounded(double value) =>
        value == 0 ? 0 : Math.Round(value, Math.Clamp(3 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 6));
}
