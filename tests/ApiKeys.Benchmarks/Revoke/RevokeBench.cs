using ApiKeys.Benchmarks.Report;
namespace ApiKeys.Benchmarks.Revoke;

internal static class RevokeBench { public static Task RunAsync(Arguments arguments, Findings findings, CancellationToken cancellationToken) => throw new BenchException("Revoke"); }
