using System.Runtime.CompilerServices;
using ApiKeys.Benchmarks.Report;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Lookup;

namespace ApiKeys.Benchmarks.Memory;

/// <summary>
/// What a million remembered keys take of the heap, the cache's own table included: before any of them is used, since what a
/// request needs of a key is made when it is first accepted.
/// </summary>
internal static class MemoryBench
{
    private const int Organizations = 50;

    public static Task RunAsync(Arguments arguments, Findings findings, CancellationToken cancellationToken)
    {
        var keys = arguments.Number("--keys", otherwise: 1_000_000, quick: 100_000);
        arguments.RefuseOthers();
        var catalog = SampleCatalog.Load();
        var many = new ManyKeys(Organizations);
        var options = new LookupOptions { MaxKeys = keys };
        Fill(new KeyCache(options), many, catalog, 1_000, cancellationToken); // what is made once is made now

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var cache = new KeyCache(options);
        Fill(cache, many, catalog, keys, cancellationToken);
        var bytes = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / keys;
        if (cache.Count != keys)
            throw new BenchException($"Of {keys:N0} keys {cache.Count:N0} are remembered.");

        findings.Add("memory", $"a remembered key, {keys:N0} of them", "B", Spread.Of([bytes]), Goal.AtMost(512, stretch: 128));
        return Task.CompletedTask;
    }

    /// <summary>Nothing of what it made stays, but what the cache holds.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fill(KeyCache cache, ManyKeys many, ScopeCatalog catalog, int count, CancellationToken cancellationToken)
    {
        var parts = new SnapshotParts();
        foreach (var (key, _) in many.Take(count))
        {
            cancellationToken.ThrowIfCancellationRequested();
            cache.TryKeep(parts.Snapshot(key, catalog), cache.Generation);
        }
    }
}
