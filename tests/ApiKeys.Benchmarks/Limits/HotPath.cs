using ApiKeys.Benchmarks.Hosts;
using ApiKeys.Benchmarks.Load;
using ApiKeys.Benchmarks.Report;
using ApiKeys.Server.Model;
using Npgsql;

namespace ApiKeys.Benchmarks.Limits;

/// <summary>
/// What limits and notes of uses take of an endpoint that does nothing else: the same endpoint with the same check of a key, and
/// neither of the two, is the yardstick. Each contender has a host of its own, since the compiler fits code to what it is used for.
/// </summary>
internal static class HotPath
{
    private const int Keys = 100;
    private const int Connections = 64;
    private const int WarmUpSeconds = 30;

    private const string Neither = "neither";
    private const string Usage = "usage alone";
    private const string Both = "limit and usage";

    /// <summary>Which no key comes near to.</summary>
    private static readonly RateLimit NeverReached = new(RateLimit.MaxRequests, ClockMinute.WindowSeconds);

    public static async Task RunAsync(int processes, int rounds, int seconds, Findings findings, CancellationToken cancellationToken)
    {
        var cores = Cores.Find();
        await using var cluster = await BenchCluster.StartAsync(kept: null, cancellationToken);
        var connectionString = cluster.ConnectionStringOf("keys");
        await using var database = NpgsqlDataSource.Create(connectionString);
        await BenchCluster.MigrateAsync(database, cancellationToken);
        using var unlimited = KeysFile.Of(await BenchKeys.AddAsync(database, Keys, cancellationToken));
        using var limited = KeysFile.Of(await BenchKeys.AddLimitedAsync(database, Keys, NeverReached, cancellationToken));

        var measured = new Rounds(seconds, cores);
        for (var process = 0; process < processes; process++)
        {
            await using var bare = await StartAsync(HostProgram.BareKeys(connectionString));
            await using var noting = await StartAsync(HostProgram.Keys(connectionString));
            await using var limiting = await StartAsync(HostProgram.Keys(connectionString));
            await measured.RunAsync(
                [
                    new Contender(Neither, bare, OpenHost.Plain, new WrkLoad(unlimited, Connections)),
                    new Contender(Both, limiting, OpenHost.Plain, new WrkLoad(limited, Connections)),
                    new Contender(Usage, noting, OpenHost.Plain, new WrkLoad(unlimited, Connections)),
                ],
                rounds, WarmUpSeconds, cancellationToken);
        }

        Add(findings, measured);

        Task<BenchHost> StartAsync(HostProgram program) => BenchHost.StartAsync(program with { Core = cores.Host }, cancellationToken);
    }

    private static void Add(Findings findings, Rounds measured)
    {
        findings.Add(
            LimitsBench.Name, "requests/s with limit and usage ÷ with neither", "", measured.Ratio(Both, Neither, s => s.PerSecond),
            Goal.AtLeast(0.97));
        findings.Add(LimitsBench.Name, "requests/s with usage alone ÷ with neither", "", measured.Ratio(Usage, Neither, s => s.PerSecond));
        findings.Add(
            LimitsBench.Name, "CPU of a request with both ÷ with neither", "", measured.Ratio(Both, Neither, s => s.CpuMicroseconds));
        findings.Add(
            LimitsBench.Name, "CPU of a request with usage alone ÷ with neither", "", measured.Ratio(Usage, Neither, s => s.CpuMicroseconds));
        foreach (var contender in (string[])[Neither, Usage, Both])
        {
            findings.Add(LimitsBench.Name, $"requests/s, {contender}", "/s", measured.Of(contender, s => s.PerSecond));
            findings.Add(LimitsBench.Name, $"CPU of a request, {contender}", "µs", measured.Of(contender, s => s.CpuMicroseconds));
            findings.Add(LimitsBench.Name, $"the host's core in use, {contender}", "", measured.Of(contender, s => s.Busy));
        }
    }
}
