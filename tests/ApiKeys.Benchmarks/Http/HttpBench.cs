using ApiKeys.Benchmarks.Hosts;
using ApiKeys.Benchmarks.Load;
using ApiKeys.Benchmarks.Report;
using Npgsql;

namespace ApiKeys.Benchmarks.Http;

/// <summary>
/// What a key and a scope take from an endpoint that does nothing else: the same endpoint anonymous, without a key sent to it, is the
/// yardstick. Each host has one core, all load comes from another; both hosts are there all the time.
/// </summary>
internal static class HttpBench
{
    private const string Name = "http";
    private const int Keys = 100;
    private const int Connections = 64;
    private const int WarmUpSeconds = 30;

    /// <summary>These ask some 20,000 times a second together: less than half of what a host can answer, so that no request waits for another's turn.</summary>
    private const int ThinkingConnections = 128;
    private const int ThinkMilliseconds = 12;

    public static async Task RunAsync(Arguments arguments, Findings findings, CancellationToken cancellationToken)
    {
        var rounds = arguments.Number("--rounds", otherwise: 40, quick: 4);
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

        await using var open = await BenchHost.StartAsync(HostProgram.Open() with { Core = cores.Host }, cancellationToken);
        await using (var guarded = await BenchHost.StartAsync(HostProgram.Keys(connectionString) with { Core = cores.Host }, cancellationToken))
        {
            await FullLoadAsync(findings, open, guarded, keys, nobody, (rounds, seconds, cores), cancellationToken);
            await HalfLoadAsync(findings, open, guarded, keys, nobody, (rounds, seconds, cores), cancellationToken);
        }

        await using var server = await BenchHost.StartAsync(
            HostProgram.QuietServer(connectionString) with { Core = cores.Host }, cancellationToken);
        await WholeServerAsync(findings, open, server, keys, nobody, (Math.Max(2, rounds / 4), seconds, cores), cancellationToken);
    }

    private static async Task FullLoadAsync(
        Findings findings, BenchHost open, BenchHost guarded, KeysFile keys, KeysFile nobody, (int Count, int Seconds, Cores Cores) plan,
        CancellationToken cancellationToken)
    {
        var anonymous = new Contender("anonymous", open, OpenHost.Plain, new WrkLoad(nobody, Connections));
        var ignored = new Contender("anonymous, with a key sent", open, OpenHost.Plain, new WrkLoad(keys, Connections));
        var verified = new Contender("with a key", guarded, OpenHost.Plain, new WrkLoad(keys, Connections));
        var rounds = await Rounds.RunAsync([anonymous, verified, ignored], plan.Count, plan.Seconds, WarmUpSeconds, plan.Cores, cancellationToken);

        findings.Add(
            Name, "requests/s with a key and a scope ÷ anonymous", "", rounds.Ratio(verified, anonymous, s => s.PerSecond), Goal.AtLeast(0.92, stretch: 0.97));
        findings.Add(
            Name, "CPU of a request with a key ÷ anonymous", "", rounds.Ratio(verified, anonymous, s => s.CpuMicroseconds), Goal.StretchAtMost(1.04));
        findings.Add(Name, "p99 with a key ÷ anonymous, at full load", "", rounds.Ratio(verified, anonymous, s => s.P99), Goal.AtMost(1.15));
        findings.Add(Name, "CPU with a key ÷ anonymous with the header sent", "", rounds.Ratio(verified, ignored, s => s.CpuMicroseconds));
        foreach (var contender in (Contender[])[anonymous, verified, ignored])
        {
            findings.Add(Name, $"requests/s, {contender.Name}", "/s", rounds.Of(contender, s => s.PerSecond));
            findings.Add(Name, $"CPU of a request, {contender.Name}", "µs", rounds.Of(contender, s => s.CpuMicroseconds));
            findings.Add(Name, $"the host's core in use, {contender.Name}", "", rounds.Of(contender, s => s.Busy));
        }
    }

    private static async Task HalfLoadAsync(
        Findings findings, BenchHost open, BenchHost guarded, KeysFile keys, KeysFile nobody, (int Count, int Seconds, Cores Cores) plan,
        CancellationToken cancellationToken)
    {
        var anonymous = new Contender("anonymous", open, OpenHost.Plain, new WrkLoad(nobody, ThinkingConnections, ThinkMilliseconds));
        var verified = new Contender("with a key", guarded, OpenHost.Plain, new WrkLoad(keys, ThinkingConnections, ThinkMilliseconds));
        var rounds = await Rounds.RunAsync([anonymous, verified], plan.Count, plan.Seconds, warmUpSeconds: 1, plan.Cores, cancellationToken);

        findings.Add(Name, "p99 with a key ÷ anonymous, at half load", "", rounds.Ratio(verified, anonymous, s => s.P99), Goal.AtMost(1.15));
        findings.Add(Name, "p99 at half load, anonymous", "µs", rounds.Of(anonymous, s => s.P99));
        findings.Add(Name, "p99 at half load, with a key", "µs", rounds.Of(verified, s => s.P99));
        findings.Add(Name, "the host's core in use at half load, with a key", "", rounds.Of(verified, s => s.Busy));
    }

    private static async Task WholeServerAsync(
        Findings findings, BenchHost open, BenchHost server, KeysFile keys, KeysFile nobody, (int Count, int Seconds, Cores Cores) plan,
        CancellationToken cancellationToken)
    {
        var anonymous = new Contender("anonymous", open, OpenHost.Incidents, new WrkLoad(nobody, Connections));
        var verified = new Contender("whole server", server, OpenHost.Incidents, new WrkLoad(keys, Connections));
        var rounds = await Rounds.RunAsync([anonymous, verified], plan.Count, plan.Seconds, WarmUpSeconds, plan.Cores, cancellationToken);

        findings.Add(Name, "requests/s of the whole server's sample ÷ the same, minimal", "", rounds.Ratio(verified, anonymous, s => s.PerSecond));
        findings.Add(Name, "CPU of a request, the whole server's sample", "µs", rounds.Of(verified, s => s.CpuMicroseconds));
        findings.Add(Name, "CPU of a request, the same endpoint minimal and anonymous", "µs", rounds.Of(anonymous, s => s.CpuMicroseconds));
    }
}
