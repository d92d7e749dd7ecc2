using System.Diagnostics;
using System.Text.RegularExpressions;

namespace ApiKeys.Benchmarks.Load;

/// <summary>The load generator wrk, with one thread on a core of its own.</summary>
internal static partial class Wrk
{
    /// <exception cref="BenchException">It could not be run, or an answer was not a 2xx or 3xx.</exception>
    public static async Task<WrkResult> RunAsync(Uri url, WrkLoad load, int seconds, int core, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "--cpu-list", $"{core}", "wrk", "--threads", "1", "--connections", $"{load.Connections}", "--duration", $"{seconds}s",
            "--timeout", "5s", "--script", Path.Combine(AppContext.BaseDirectory, "Load/rotate.lua"), url.ToString(), "--",
            $"{load.ThinkMilliseconds}", load.Keys.Path,
        ];
        using var wrk = Process.Start(new ProcessStartInfo("taskset", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        try
        {
            var output = wrk.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = wrk.StandardError.ReadToEndAsync(cancellationToken);
            await wrk.WaitForExitAsync(cancellationToken);
            return Read(await output)
                ?? throw new BenchException($"wrk ended with {wrk.ExitCode} and no result:\n{await output}{await errors}");
        }
        finally
        {
            if (!wrk.HasExited)
                wrk.Kill();
        }
    }

    private static WrkResult? Read(string output)
    {
        if (Result.Match(output) is not { Success: true } match)
            return null;

        double Number(string name) => double.Parse(match.Groups[name].Value);
        if (Number("errors") > 0 || Number("requests") == 0)
            throw new BenchException($"wrk: not every request was answered well:\n{output}");

        return new WrkResult((long)Number("requests"), Number("duration") / 1e6, Number("p50"), Number("p99"));
    }

    [GeneratedRegex(
        @"^RESULT (?<requests>\d+) (?<duration>\d+) (?<errors>\d+) (?<p50>[\d.]+) (?<p99>[\d.]+)$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Result { get; }
}

/// <param name="Keys">What requests present, in turn.</param>
/// <param name="Connections">Each has one request under way, or thinks.</param>
/// <param name="ThinkMilliseconds">The longest that a connection thinks before a request; half of it on average. 0 for no pause.</param>
internal sealed record WrkLoad(KeysFile Keys, int Connections, int ThinkMilliseconds = 0);

/// <param name="Requests">All that were answered.</param>
/// <param name="Seconds">That it took.</param>
/// <param name="P50">In microseconds.</param>
/// <param name="P99">In microseconds.</param>
internal sealed record WrkResult(long Requests, double Seconds, double P50, double P99);
