using System.Diagnostics;
using ApiKeys.Benchmarks.Hosts;
using ApiKeys.Benchmarks.List;
using ApiKeys.Benchmarks.Load;
using ApiKeys.Benchmarks.Report;
using Npgsql;

namespace ApiKeys.Benchmarks.Size;

/// <summary>
/// The plain endpoint with a thousand keys in turn, which both hosts remember: one has these in its database, the other these and a
/// million more.
/// </summary>
internal static class SizeBench
{
    private const string Name = "size";
    private const int KeysInUse = 1_000;
    private const int Connections = 64;
    private const int WarmUpSeconds = 30;

    public static async Task RunAsync(Arguments arguments, Findings findings, CancellationToken cancellationToken)
    {
        var rounds = arguments.Number("--rounds", otherwise: 12, quick: 2);
        var seconds = arguments.Number("--seconds", otherwise: 3, quick: 1);
        var many = arguments.Number("--keys", otherwise: 1_000_000, quick: 20_000);
        arguments.RefuseOthers();
        var cores = Cores.Find();
        await using var cluster = await BenchCluster.StartAsync(kept: null, cancellationToken);
        findings.Postgres = await cluster.VersionAsync(cancellationToken);

        using var fewKeys = await FillAsync(cluster, "few", others: 0, cancellationToken);
        using var manyKeys = await FillAsync(cluster, "many", many, cancellationToken);
        await using var fewHost = await StartAsync("few");
        await using var manyHost = await StartAsync("many");
        var few = new Contender($"{KeysInUse:N0} keys in the table", fewHost, OpenHost.Plain, new WrkLoad(fewKeys, Connections));
        var more = new Contender($"{many:N0} keys in the table", manyHost, OpenHost.Plain, new WrkLoad(manyKeys, Connections));
        var measured = new Rounds(seconds, cores);
        await measured.RunAsync([few, more], rounds, WarmUpSeconds, cancellationToken);

        findings.Add(
            Name, $"requests/s with {many:N0} keys in the table ÷ with {KeysInUse:N0}", "", measured.Ratio(more.Name, few.Name, s => s.PerSecond), Goal.AtLeast(0.97));
        findings.Add(Name, "CPU of a request, the same", "", measured.Ratio(more.Name, few.Name, s => s.CpuMicroseconds));
        findings.Add(Name, $"requests/s, {few.Name}", "/s", measured.Of(few.Name, s => s.PerSecond));
        findings.Add(Name, $"requests/s, {more.Name}", "/s", measured.Of(more.Name, s => s.PerSecond));

        Task<BenchHost> StartAsync(string database) => BenchHost.StartAsync(
            HostProgram.Keys(cluster.ConnectionStringOf(database)) with { Core = cores.Host }, cancellationToken);
    }

    /// <returns>The keys whose values are known.</returns>
    private static async Task<KeysFile> FillAsync(BenchCluster cluster, string name, int others, CancellationToken cancellationToken)
    {
        var started = Stopwatch.StartNew();
        await using var database = NpgsqlDataSource.Create(cluster.ConnectionStringOf(name));
        await BenchCluster.MigrateAsync(database, cancellationToken);
        if (others > 0)
        {
            await KeyFill.FillAsync(database, others, cancellationToken);
            Console.Error.WriteLine($"Filled {others:N0} keys in {started.Elapsed.TotalSeconds:0} s");
        }

        return KeysFile.Of(await BenchKeys.AddAsync(database, KeysInUse, cancellationToken));
    }
}
