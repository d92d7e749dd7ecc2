using ApiKeys.Benchmarks.Hosts;
using ApiKeys.Benchmarks.Load;
using ApiKeys.Benchmarks.Report;
using Npgsql;

namespace ApiKeys.Benchmarks.Endpoints;

/// <summary>
/// What other services ask about a key, of the whole server; the yardstick reads the same bodies, and answers as much that was known before.
/// </summary>
internal static class EndpointsBench
{
    private const string Name = "endpoints";
    private const int Keys = 100;
    private const int Connections = 64;

    /// <summary>On one core that has all its time to serve, the compiler's background work takes this long; until then code that counts itself runs, at a third of the speed.</summary>
    private const int WarmUpSeconds = 75;

    private static readonly Endpoint[] Endpoints =
    [
        new("verify", OpenHost.Verify, "application/json",
            key => $$"""{"api_key":"{{key.Reveal()}}","method":"GET","path":"{{OpenHost.Incidents}}","ip":"203.0.113.7"}"""),
        new("introspect", OpenHost.Introspect, "application/x-www-form-urlencoded", key => $"token={key.Reveal()}"),
    ];

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
        var keys = await BenchKeys.AddAsync(database, Keys, cancellationToken);
        var verifier = await BenchKeys.AddVerifierAsync(database, cancellationToken);

        var measured = Endpoints.ToDictionary(endpoint => endpoint, _ => new Rounds(seconds, cores));
        for (var process = 0; process < processes; process++)
        {
            await using var open = await StartAsync(HostProgram.Open());
            await using var server = await StartAsync(HostProgram.QuietServer(connectionString));
            foreach (var endpoint in Endpoints)
            {
                using var bodies = KeysFile.Posting(verifier, endpoint.ContentType, keys.Select(endpoint.Body));
                var load = new WrkLoad(bodies, Connections);
                await measured[endpoint].RunAsync(
                    [new Contender(endpoint.Bare, open, endpoint.Path, load), new Contender(endpoint.Name, server, endpoint.Path, load)],
                    rounds, WarmUpSeconds, cancellationToken);
            }
        }

        foreach (var (endpoint, found) in measured)
            Add(findings, endpoint, found);

        Task<BenchHost> StartAsync(HostProgram program) => BenchHost.StartAsync(program with { Core = cores.Host }, cancellationToken);
    }

    private static void Add(Findings findings, Endpoint endpoint, Rounds rounds)
    {
        findings.Add(
            Name, $"requests/s of {endpoint.Name} ÷ {endpoint.Bare}", "", rounds.Ratio(endpoint.Name, endpoint.Bare, s => s.PerSecond), Goal.AtLeast(0.85));
        findings.Add(Name, $"CPU of {endpoint.Name} ÷ {endpoint.Bare}", "", rounds.Ratio(endpoint.Name, endpoint.Bare, s => s.CpuMicroseconds));
        foreach (var contender in (string[])[endpoint.Bare, endpoint.Name])
        {
            findings.Add(Name, $"requests/s, {contender}", "/s", rounds.Of(contender, s => s.PerSecond));
            findings.Add(Name, $"CPU of a request, {contender}", "µs", rounds.Of(contender, s => s.CpuMicroseconds));
            findings.Add(Name, $"the host's core in use, {contender}", "", rounds.Of(contender, s => s.Busy));
        }
    }

    /// <param name="Name">In what is told of it.</param>
    /// <param name="Path">The same at both hosts.</param>
    /// <param name="ContentType">Of the body.</param>
    /// <param name="Body">That asks about a key.</param>
    private sealed record Endpoint(string Name, string Path, string ContentType, Func<ApiKeyValue, string> Body)
    {
        public string Bare => $"{Name}'s yardstick";
    }
}
