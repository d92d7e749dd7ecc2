using System.Diagnostics;

namespace ApiKeys.Benchmarks;

/// <summary>
/// One core for the host that is measured, and another for whatever puts load on it: two of those that this process may use.
/// </summary>
internal sealed record Cores(int Host, int Load)
{
    public static Cores Find()
    {
        if (!OperatingSystem.IsLinux())
            throw new BenchException("This bench pins processes to cores with taskset: it needs Linux.");

        using var self = Process.GetCurrentProcess();
        var mask = (ulong)self.ProcessorAffinity;
        var allowed = Enumerable.Range(0, 64).Where(core => (mask >> core & 1) == 1).ToList();
        return allowed.Count >= 2
            ? new Cores(allowed[0], allowed[^1])
            : throw new BenchException("This bench needs two cores: one for the host, one for the load.");
    }
}
