using System.Diagnostics;
using ApiKeys.Benchmarks.Endpoints;
using ApiKeys.Benchmarks.Gateway;
using ApiKeys.Benchmarks.Http;
using ApiKeys.Benchmarks.Limits;
using ApiKeys.Benchmarks.Memory;
using ApiKeys.Benchmarks.Package;
using ApiKeys.Benchmarks.Report;
using ApiKeys.Benchmarks.Revoke;
using ApiKeys.Benchmarks.Size;
using ApiKeys.Benchmarks.Statements;
using ApiKeys.Benchmarks.Verify;

namespace ApiKeys.Benchmarks;

/// <summary>Runs one bench of verification and prints what it found, or all of them and writes the report.</summary>
internal static class Verification
{
    private const string Folder = "bench/results";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(60);

    public delegate Task Bench(Arguments arguments, Findings findings, CancellationToken cancellationToken);

    public static async Task RunAsync(Bench bench, string[] given, CancellationToken cancellationToken)
    {
        var findings = new Findings();
        await RunAsync([bench], new Arguments(given), findings, cancellationToken);
        ReportTable.Print(Console.Out, Machine.Of(findings.Postgres), findings.Measures);
    }

    /// <summary>In a hurry it leaves the last report as it is.</summary>
    public static async Task RunAllAsync(string[] given, CancellationToken cancellationToken)
    {
        var arguments = new Arguments(given);
        arguments.RefuseOthers();
        var findings = new Findings();
        await RunAsync(
            [
                VerifyBench.RunAsync, MemoryBench.RunAsync, HttpBench.RunAsync, StatementsBench.RunAsync, LimitsBench.RunAsync,
                RevokeBench.RunAsync, SizeBench.RunAsync, GatewayBench.RunAsync, EndpointsBench.RunAsync,
                PackageBench.RunAsync,
            ],
            arguments, findings, cancellationToken);

        var machine = Machine.Of(findings.Postgres);
        ReportTable.Print(Console.Out, machine, findings.Measures);
        if (arguments.IsQuick)
            return;

        Directory.CreateDirectory(Folder);
        ReportFile.Write($"{Folder}/verification.json", machine, findings.Measures);
        ReportPicture.Write($"{Folder}/verification.svg", machine, findings.Measures);
    }

    private static async Task RunAsync(
        IEnumerable<Bench> benches, Arguments arguments, Findings findings, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(Patience);
        foreach (var bench in benches)
        {
            var started = Stopwatch.StartNew();
            await bench(arguments, findings, bounded.Token);
            Console.Error.WriteLine($"{findings.Measures[^1].Bench}: {started.Elapsed.TotalSeconds:0} s");
        }
    }
}
