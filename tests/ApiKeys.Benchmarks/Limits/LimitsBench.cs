using ApiKeys.Benchmarks.Report;

namespace ApiKeys.Benchmarks.Limits;

/// <summary>
/// How exact rate limits are on three nodes, what they ask of the database, and what they and the notes of uses take of a request.
/// </summary>
internal static class LimitsBench
{
    public const string Name = "limits";

    public static async Task RunAsync(Arguments arguments, Findings findings, CancellationToken cancellationToken)
    {
        var windows = arguments.Number("--windows", otherwise: 2, quick: 1);
        var rounds = arguments.Number("--rounds", otherwise: 12, quick: 4);
        var processes = arguments.Number("--processes", otherwise: 3, quick: 1);
        var seconds = arguments.Number("--seconds", otherwise: 1, quick: 1);
        arguments.RefuseOthers();
        await Exactness.RunAsync(windows, findings, cancellationToken);
        await HotPath.RunAsync(processes, rounds, seconds, findings, cancellationToken);
    }
}
