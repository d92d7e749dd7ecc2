using ApiKeys.Benchmarks.Hosts;
using ApiKeys.Benchmarks.Load;
using ApiKeys.Benchmarks.Report;
using Npgsql;

namespace ApiKeys.Benchmarks.Http;

/// <summary>
/// What a key and a scope take from an endpoint that does nothing else: the same endpoint anonymous, without a key sent to it, is the
/// yardstick. Each host has one core, all load comes from another; both hosts are there all the time, and then others in their place.
/// </summary>
internal static class HttpBench
{
    private const string Name = "http";
    private const int Keys = 100;
    private const int Connections = 64;
    private const int WarmUpSeconds = 30; // the compiler is long at work, on the same core

    /// <summary>These ask some 20,000 times a second together: less than half of what a host can answer, so that no request waits for another's turn.</summary>
    private const int ThinkingConnections = 128;
    private const int ThinkMilliseconds = 12;

    private const string Anonymous = "anonymous";
    private const string KeySent = "anonymous, with a key sent";
    private const string Verified = "with a key";
    private const string WholeServer = "whole server";

    public static async Task RunAsync(Arguments arguments, Findings findings, CancellationToken cancellationToken)
    {
        var rounds = arguments.Number("--rounds", otherwise: 12, quick: 4);
        var processes = arguments.Number("--processes", otherwise: 3, quick: 1);
        var seconds = arguments.Number("--seconds", otherwise: 1, quick: 1);
        arguments.RefuseOthers();
        var cores = Cores.Find();
        await using var cluster = await BenchCluster.StartAsync(kept: null, cancellationToken);
        findings.Postgres = await cluster.VersionAsync(cancellationToken);
        var connectionString = cluster.ConnectionStringOf("keys");
        await using var database = NpgsqlDataSource.Create(connectionString);
        await BenchCluster.MigrateAsync(database, cancellationToken);
        using var keys = KeysFile.Of(await BenchKeys.AddAsync(database, Keys, cancellationToken));
        using var nobody = KeysFile.Anonymous(Keys);

        var (full, half, whole) = (new Rounds(seconds, cores), new Rounds(seconds, cores), new Rounds(seconds, cores));
        for (var process = 0; process < processes; process++)
        {
            await using var open = await StartAsync(HostProgram.Open());
            await using (var guarded = await StartAsync(HostProgram.Keys(connectionString)))
            {
                await full.RunAsync(
                    [
                        new Contender(Anonymous, open, OpenHost.Plain, new WrkLoad(nobody, Connections)),
                        new Contender(Verified, guarded, OpenHost.Plain, new WrkLoad(keys, Connections)),
                        new Contender(KeySent, open, OpenHost.Plain, new WrkLoad(keys, Connections)),
                    ],
                    rounds, WarmUpSeconds, cancellationToken);
                await half.RunAsync(
                    [
                        new Contender(Anonymous, open, OpenHost.Plain, new WrkLoad(nobody, ThinkingConnections, ThinkMilliseconds)),
                        new Contender(Verified, guarded, OpenHost.Plain, new WrkLoad(keys, ThinkingConnections, ThinkMilliseconds)),
                    ],
                    rounds, warmUpSeconds: 1, cancellationToken);
            }

            if (process > 0)
                continue; // of the whole server, to know what it is about

            await using var server = await StartAsync(HostProgram.QuietServer(connectionString));
            await whole.RunAsync(
                [
                    new Contender(Anonymous, open, OpenHost.Incidents, new WrkLoad(nobody, Connections)),
                    new Contender(WholeServer, server, OpenHost.Incidents, new WrkLoad(keys, Connections)),
                ],
                rounds, WarmUpSeconds, cancellationToken);
        }

        AddFullLoad(findings, full);
        AddHalfLoad(findings, half);
        AddWholeServer(findings, whole);

        Task<BenchHost> StartAsync(HostProgram program) => BenchHost.StartAsync(program with { Core = cores.Host }, cancellationToken);
    }

    private static void AddFullLoad(Findings findings, Rounds rounds)
    {
        findings.Add(
            Name, "requests/s with a key and a scope ÷ anonymous", "", rounds.Ratio(Verified, Anonymous, s => s.PerSecond), Goal.AtLeast(0.92, stretch: 0.97));
        findings.Add(
            Name, "CPU of a request with a key ÷ anonymous", "", rounds.Ratio(Verified, Anonymous, s => s.CpuMicroseconds), Goal.StretchAtMost(1.04));
        findings.Add(Name, "p99 with a key ÷ anonymous, at full load", "", rounds.Ratio(Verified, Anonymous, s => s.P99), Goal.AtMost(1.15));
        findings.Add(Name, "CPU with a key ÷ anonymous with the header sent", "", rounds.Ratio(Verified, KeySent, s => s.CpuMicroseconds));
        foreach (var contender in (string[])[Anonymous, Verified, KeySent])
        {
            findings.Add(Name, $"requests/s, {contender}", "/s", rounds.Of(contender, s => s.PerSecond));
            findings.Add(Name, $"CPU of a request, {contender}", "µs", rounds.Of(contender, s => s.CpuMicroseconds));
            findings.Add(Name, $"the host's core in use, {contender}", "", rounds.Of(contender, s => s.Busy));
        }
    }

    private static void AddHalfLoad(Findings findings, Rounds rounds)
    {
        findings.Add(Name, "p99 with a key ÷ anonymous, at half load", "", rounds.Ratio(Verified, Anonymous, s => s.P99), Goal.AtMost(1.15));
        findings.Add(Name, "p99 at half load, anonymous", "µs", rounds.Of(Anonymous, s => s.P99));
        findings.Add(Name, "p99 at half load, with a key", "µs", rounds.Of(Verified, s => s.P99));
        findings.Add(Name, "the host's core in use at half load, with a key", "", rounds.Of(Verified, s => s.Busy));
    }

    private static void AddWholeServer(Findings findings, Rounds rounds)
    {
        findings.Add(
            Name, "requests/s of the whole server's sample ÷ the same, minimal", "", rounds.Ratio(WholeServer, Anonymous, s => s.PerSecond));
        findings.Add(Name, "CPU of a request, the whole server's sample", "µs", rounds.Of(WholeServer, s => s.CpuMicroseconds));
        findings.Add(
            Name, "CPU of a request, the same endpoint minimal and anonymous", "µs", rounds.Of(Anonymous, s => s.CpuMicroseconds));
    }
}
