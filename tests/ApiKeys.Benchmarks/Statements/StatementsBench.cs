using ApiKeys.Benchmarks.Report;
namespace ApiKeys.Benchmarks.Statements;

internal static class StatementsBench { public static Task RunAsync(Arguments arguments, Findings findings, CancellationToken cancellationToken) => throw new BenchException("Statements"); }
