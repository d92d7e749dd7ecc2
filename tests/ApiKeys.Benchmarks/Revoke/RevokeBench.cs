using ApiKeys.Benchmarks.Report;
using ApiKeys.Server.Lookup;
using Npgsql;

namespace ApiKeys.Benchmarks.Revoke;

/// <summary>
/// Three nodes on one PostgreSQL that waits for its disk: how long a revoke takes until it is answered, in plain commits of one
/// row; how soon another node refuses the key; and the same with a node that stands still. It fails where a key is accepted by
/// any node after its revoke was answered.
/// </summary>
internal static class RevokeBench
{
    private const string Name = "revoke";
    private const int WarmUpRounds = 1000; // what a host does seldom is compiled late
    private const int PollingRounds = 50; // the same hosts, which are asked all the time now

    public static async Task RunAsync(Arguments arguments, Findings findings, CancellationToken cancellationToken)
    {
        var rounds = arguments.Number("--rounds", otherwise: 60, quick: 10);
        var stops = arguments.Number("--stops", otherwise: 2, quick: 1);
        arguments.RefuseOthers();
        await using var cluster = await BenchCluster.StartDurableAsync(cancellationToken);
        findings.Postgres = await cluster.VersionAsync(cancellationToken);
        await using var database = NpgsqlDataSource.Create(cluster.ConnectionStringOf("keys"));
        await BenchCluster.MigrateAsync(database, cancellationToken);
        await using var nodes = await WatchedNodes.StartAsync(database, cluster.ConnectionStringOf("keys"), apis: 0, cancellationToken);

        await TimeToAnswerAsync(findings, nodes, database, rounds, cancellationToken);
        await TimeToRefusalAsync(findings, nodes, database, rounds, cancellationToken);
        await WithOneStoppedAsync(findings, nodes, stops, cancellationToken);
    }

    private static async Task TimeToAnswerAsync(
        Findings findings, WatchedNodes nodes, NpgsqlDataSource database, int rounds, CancellationToken cancellationToken)
    {
        await using var row = await PlainCommit.CreateAsync(database, cancellationToken);
        var (plain, revokes) = (new List<double>(), new List<double>());
        var keys = await BenchKeys.AddAsync(database, WarmUpRounds + rounds, cancellationToken);
        for (var round = -WarmUpRounds; round < rounds; round++)
        {
            var key = keys[WarmUpRounds + round];
            await nodes.AllAnswerAsync(key, accepted: true, cancellationToken);
            var commit = await row.MeasureAsync(cancellationToken);
            var revoke = await nodes.RevokeAsync(key, cancellationToken);
            await nodes.AllAnswerAsync(key, accepted: false, cancellationToken);
            if (round < 0)
                continue;

            plain.Add(commit.TotalMilliseconds);
            revokes.Add(revoke.Elapsed.TotalMilliseconds);
        }

        findings.Add(Name, "revoke answered, three nodes ÷ a plain one-row commit", "", Spread.OfRatios(revokes, plain), Goal.AtMost(6));
        findings.Add(Name, "revoke answered, three nodes", "ms", Spread.Of(revokes));
        findings.Add(Name, "a plain one-row commit", "ms", Spread.Of(plain));
    }

    private static async Task TimeToRefusalAsync(
        Findings findings, WatchedNodes nodes, NpgsqlDataSource database, int rounds, CancellationToken cancellationToken)
    {
        var (fromSending, fromCommit, gaps) = (new List<double>(), new List<double>(), new List<double>());
        foreach (var (key, round) in (await BenchKeys.AddAsync(database, PollingRounds + rounds, cancellationToken)).Select((key, i) => (key, i)))
        {
            await nodes.AllAnswerAsync(key, accepted: true, cancellationToken);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var refusal = nodes.PollAsync(key, ended.Token);
            var revoke = await nodes.RevokeAsync(key, cancellationToken);
            ended.CancelAfter(TimeSpan.FromSeconds(5));
            var refused = await refusal;
            if (refused.LastAcceptedSent > revoke.Answered)
                throw new BenchException("A key was accepted after its revoke was answered.");

            if (round < PollingRounds)
                continue;

            var committed = await nodes.CommittedAtAsync(key, cancellationToken);
            fromSending.Add((refused.At - revoke.Sent).TotalMilliseconds);
            fromCommit.Add((refused.At - committed).TotalMilliseconds);
            gaps.Add((refused.At - refused.LastAcceptedSent).TotalMilliseconds);
        }

        findings.Add(Name, "another node refuses, from when the revoke was sent", "ms", Spread.Of(fromSending));
        findings.Add(
            Name, "another node refuses, from the commit (before its flush)", "ms", Spread.Of(fromCommit), Goal.StretchAtMost(0.5));
        findings.Add(Name, "of which between the last two polls, at most", "ms", Spread.Of(gaps));
    }

    private static async Task WithOneStoppedAsync(Findings findings, WatchedNodes nodes, int stops, CancellationToken cancellationToken)
    {
        var lease = new LookupOptions().Lease;
        var limit = LookupOptions.EndOf(lease) + TimeSpan.FromSeconds(1);
        var seconds = new List<double>();
        for (var i = 0; i < stops; i++)
            seconds.Add((await nodes.RevokeWithOneStoppedAsync(nodes.LastNode, cancellationToken)).TotalSeconds);

        findings.Add(
            Name, $"revoke answered with one node stopped, lease {lease.TotalSeconds:0} s", "s", Spread.Of(seconds), Goal.AtMost(limit.TotalSeconds));
    }
}
