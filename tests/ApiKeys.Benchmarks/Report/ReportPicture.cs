namespace ApiKeys.Benchmarks.Report;

internal static class ReportPicture { public static void Write(string path, Machine machine, IReadOnlyList<Measure> measures) => throw new BenchException("picture"); }
