using ApiKeys.Server.Tests.Lookup.Simulation;
using Xunit.Abstractions;

namespace ApiKeys.Server.Tests.Lookup;

public sealed class RevocationSimulationTests(ITestOutputHelper output)
{
    [Fact]
    public void No_seed_breaks_a_promise()
    {
        var only = Environment.GetEnvironmentVariable("APIKEYS_SIM_SEED");
        if (only is not null)
        {
            var world = new World(ulong.Parse(only), Rules.Production, isTraced: true);
            var violation = world.Run();
            output.WriteLine(world.Trace!.ToString());
            output.WriteLine($"{violation}");
            output.WriteLine(world.Counts.ToString());
            return;
        }

        var seeds = int.Parse(Environment.GetEnvironmentVariable("APIKEYS_SIM_SEEDS") ?? "20000");
        var counts = new Counts();
        var found = new List<string>();
        var started = System.Diagnostics.Stopwatch.StartNew();
        Parallel.For(0, seeds, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, () => new Counts(), (seed, _, local) =>
        {
            var world = new World((ulong)seed, Rules.Production);
            if (world.Run() is { } violation)
                lock (found)
                    found.Add($"{seed}: {violation}");
            local.Add(world.Counts);
            return local;
        }, local => { lock (counts) counts.Add(local); });
        output.WriteLine($"CPU {Environment.CpuUsage.TotalTime.TotalMilliseconds / seeds} ms a seed, GC pause {GC.GetTotalPauseDuration()}, gcs {GC.CollectionCount(0)}, alloc {GC.GetTotalAllocatedBytes() / seeds} a seed");
        output.WriteLine($"{seeds / started.Elapsed.TotalSeconds} seeds a second, {started.Elapsed}");
        output.WriteLine(counts.ToString());
        output.WriteLine($"{found.Count} violations");
        foreach (var line in found.Take(20)) output.WriteLine(line);
        Assert.Empty(found);
    }
}
