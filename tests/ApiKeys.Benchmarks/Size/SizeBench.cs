using ApiKeys.Benchmarks.Report;
namespace ApiKeys.Benchmarks.Size;

internal static class SizeBench { public static Task RunAsync(Arguments arguments, Findings findings, CancellationToken cancellationToken) => throw new BenchException("Size"); }
