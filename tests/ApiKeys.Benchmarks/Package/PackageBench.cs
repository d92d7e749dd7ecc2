using ApiKeys.Benchmarks.Hosts;
using ApiKeys.Benchmarks.Load;
using ApiKeys.Benchmarks.Report;
using ApiKeys.Benchmarks.Revoke;
using ApiKeys.Server.Lookup;
using Npgsql;

namespace ApiKeys.Benchmarks.Package;

/// <summary>
/// What a key takes in an API that uses the package: the plain endpoint anonymous is the yardstick. Then three nodes and two such APIs: how long
/// a revoke takes until none of the five accepts the key, and the same with one of the APIs stopped.
/// </summary>
internal static class PackageBench
{
    private const string Name = "package";
    private const int Keys = 100;
    private const int Connections = 64;
    private const int WarmUpSeconds = 30;
    private const int WarmUpRevokes = 200;
    private const int Apis = 2;
    private const string Anonymous = "anonymous";
    private const string Verified = "with a key, by the package";

    public static async Task RunAsync(Arguments arguments, Findings findings, CancellationToken cancellationToken)
    {
        var rounds = arguments.Number("--rounds", otherwise: 12, quick: 4);
        var processes = arguments.Number("--processes", otherwise: 3, quick: 1);
        var revokes = arguments.Number("--revokes", otherwise: 60, quick: 10);
        var stops = arguments.Number("--stops", otherwise: 2, quick: 1);
        arguments.RefuseOthers();
        await using var cluster = await BenchCluster.StartDurableAsync(cancellationToken);
        findings.Postgres = await cluster.VersionAsync(cancellationToken);
        var connectionString = cluster.ConnectionStringOf("keys");
        await using var database = NpgsqlDataSource.Create(connectionString);
        await BenchCluster.MigrateAsync(database, cancellationToken);

        await RequestsAsync(findings, database, connectionString, rounds, processes, cancellationToken);
        await using var nodes = await WatchedNodes.StartAsync(database, connectionString, Apis, cancellationToken);
        await RevokesAsync(findings, nodes, database, revokes, cancellationToken);
        await WithOneStoppedAsync(findings, nodes, stops, cancellationToken);
    }

    private static async Task RequestsAsync(
        Findings findings, NpgsqlDataSource database, string connectionString, int rounds, int processes, CancellationToken cancellationToken)
    {
        var cores = Cores.Find();
        using var keys = KeysFile.Of(await BenchKeys.AddAsync(database, Keys, cancellationToken));
        using var nobody = KeysFile.Anonymous(Keys);
        var credential = await BenchKeys.AddVerifierAsync(database, cancellationToken);
        var load = new Rounds(seconds: 1, cores);
        await using var service = await BenchHost.StartAsync(HostProgram.QuietServer(connectionString), cancellationToken);
        for (var process = 0; process < processes; process++)
        {
            await using var open = await BenchHost.StartAsync(HostProgram.Open() with { Core = cores.Host }, cancellationToken);
            await using var api = await BenchHost.StartAsync(HostProgram.Package(service.Address, credential) with { Core = cores.Host }, cancellationToken);
            await load.RunAsync(
                [
                    new Contender(Anonymous, open, OpenHost.Plain, new WrkLoad(nobody, Connections)),
                    new Contender(Verified, api, OpenHost.Plain, new WrkLoad(keys, Connections)),
                ],
                rounds, WarmUpSeconds, cancellationToken);
        }

        findings.Add(Name, "requests/s with a key by the package ÷ anonymous", "", load.Ratio(Verified, Anonymous, s => s.PerSecond), Goal.AtLeast(0.90));
        findings.Add(Name, "CPU of a request with a key ÷ anonymous", "", load.Ratio(Verified, Anonymous, s => s.CpuMicroseconds));
        findings.Add(Name, "p99 with a key ÷ anonymous, at full load", "", load.Ratio(Verified, Anonymous, s => s.P99));
        findings.Add(Name, "requests/s, with a key by the package", "/s", load.Of(Verified, s => s.PerSecond));
    }

    private static async Task RevokesAsync(
        Findings findings, WatchedNodes nodes, NpgsqlDataSource database, int revokes, CancellationToken cancellationToken)
    {
        var milliseconds = new List<double>();
        foreach (var (key, round) in (await BenchKeys.AddAsync(database, WarmUpRevokes + revokes, cancellationToken)).Select((key, i) => (key, i)))
        {
            await nodes.AllAnswerAsync(key, accepted: true, cancellationToken);
            var revoke = await nodes.RevokeAsync(key, cancellationToken);
            await nodes.AllAnswerAsync(key, accepted: false, cancellationToken);
            if (round >= WarmUpRevokes)
                milliseconds.Add(revoke.Elapsed.TotalMilliseconds);
        }

        findings.Add(Name, $"revoke answered, three nodes and {Apis} APIs", "ms", Spread.Of(milliseconds));
    }

    private static async Task WithOneStoppedAsync(Findings findings, WatchedNodes nodes, int stops, CancellationToken cancellationToken)
    {
        var lease = new LookupOptions().Lease;
        var limit = LookupOptions.EndOf(lease) + TimeSpan.FromSeconds(1);
        var seconds = new List<double>();
        for (var i = 0; i < stops; i++)
            seconds.Add((await nodes.RevokeWithOneStoppedAsync(nodes.LastApi, cancellationToken)).TotalSeconds);

        findings.Add(
            Name, $"the same with one of the APIs stopped, lease {lease.TotalSeconds:0} s", "s", Spread.Of(seconds), Goal.AtMost(limit.TotalSeconds));
    }
}
