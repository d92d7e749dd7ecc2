using System.Text.Encodings.Web;
using System.Text.Json;
using ApiKeys.Benchmarks.Report;

namespace ApiKeys.Benchmarks.List;

/// <summary>What was measured of one question, at every size.</summary>
internal sealed record ListLine(string Caller, string Query, IReadOnlyList<ListFigure> Figures);

/// <param name="Keys">How many there are.</param>
/// <param name="MedianMs">Over all rounds.</param>
/// <param name="MinMs">The best round.</param>
/// <param name="MaxMs">The worst round.</param>
/// <param name="Ratio">To the smallest database: the median of the rounds' own ratios.</param>
/// <param name="Rows">On the page.</param>
/// <param name="Total">In the answer.</param>
internal sealed record ListFigure(int Keys, double MedianMs, double MinMs, double MaxMs, double Ratio, int Rows, int Total)
{
    public static ListFigure Of(int keys, IReadOnlyList<double> times, IReadOnlyList<double> smallest, ListAnswer answer) => new(
        keys, Rounded(Spread.MedianOf(times)), Rounded(times.Min()), Rounded(times.Max()), Rounded(Spread.MedianOf([.. times.Zip(smallest, (a, b) => a / b)])),
        answer.Rows, answer.Total);

    private static double Rounded(double value) => Math.Round(value, 2);
}

internal static class ListReport
{
    /// <summary>A ratio beyond it is marked.</summary>
    private const double Bar = 3;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Print(TextWriter output, Machine machine, int rounds, IReadOnlyList<ListLine> lines)
    {
        output.WriteLine($"List of keys: median ms (min-max) of {rounds} interleaved rounds, and the ratio to the smallest; {machine}");
        foreach (var caller in lines.GroupBy(line => line.Caller))
        {
            output.WriteLine();
            output.Write($"{"as " + caller.Key,-38}");
            foreach (var figure in caller.First().Figures)
                output.Write($"{figure.Keys,19:N0} keys");

            output.WriteLine("      total");
            foreach (var line in caller)
            {
                output.Write($"{line.Query,-38}");
                foreach (var figure in line.Figures)
                {
                    var mark = figure.Ratio > Bar ? "!" : " ";
                    var range = $"({figure.MinMs:0.0}-{figure.MaxMs:0.0})";
                    output.Write($"{figure.MedianMs,7:0.0} {range,-10}{figure.Ratio,5:0.0}{mark}");
                }

                output.WriteLine($" {line.Figures[^1].Total,10:N0}");
            }
        }
    }

    public static void Write(string path, Machine machine, int rounds, IReadOnlyList<ListLine> lines)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, JsonSerializer.Serialize(new { machine, rounds, lines }, Json) + "\n");
    }
}
