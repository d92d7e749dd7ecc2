using ApiKeys.Benchmarks.Report;
using ApiKeys.Benchmarks.Statements;
using ApiKeys.Server.Model;
using Npgsql;

namespace ApiKeys.Benchmarks.Limits;

/// <summary>
/// Three nodes on one PostgreSQL, and three keys at once that each send ten times what they may: how much of each limit is admitted
/// in whole windows, and how often the database is asked for it. It fails where more is admitted, or refused otherwise.
/// </summary>
internal static class Exactness
{
    private const string Database = "keys";
    private const string Asking = "select * from take_allowances(";
    private static readonly int[] Limits = [10, 100, 6_000];
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(int windows, Findings findings, CancellationToken cancellationToken)
    {
        await using var cluster = await BenchCluster.StartWithAsync("shared_preload_libraries", StatementCount.Library, cancellationToken);
        findings.Postgres = await cluster.VersionAsync(cancellationToken);
        var connectionString = cluster.ConnectionStringOf(Database);
        await using var database = NpgsqlDataSource.Create(connectionString);
        await BenchCluster.MigrateAsync(database, cancellationToken);
        var keys = new List<ApiKeyValue>();
        foreach (var limit in Limits)
            keys.AddRange(await BenchKeys.AddLimitedAsync(database, 1, new RateLimit(limit, ClockMinute.WindowSeconds), cancellationToken));

        await using var nodes = await ThreeNodes.StartAsync(database, connectionString, cancellationToken);
        await using var counter = await StatementCount.OpenAsync(cluster.ConnectionStringOf("postgres"), cancellationToken);
        List<Overload> overloads = [.. keys.Zip(Limits, (key, limit) => new Overload(nodes, key, limit))];
        await Task.WhenAll(overloads.Select(overload => overload.WarmUpAsync(WarmUp, cancellationToken)));

        var window = ClockMinute.Current.Next;
        await ClockMinute.WaitUntilAsync(window.Start, cancellationToken);
        await counter.ResetAsync(cancellationToken);
        var admitted = new List<int[]>();
        for (; admitted.Count < windows; window = window.Next)
            admitted.Add(await Task.WhenAll(overloads.Select(overload => overload.RunAsync(window, cancellationToken))));

        foreach (var (overload, i) in overloads.Select((overload, i) => (overload, i)))
            findings.Add(
                LimitsBench.Name, $"least admitted ÷ limit, {overload.Limit:N0}/min, {Overload.Times} times as much sent", "",
                Spread.OfLeast([.. admitted.Select(counts => (double)counts[i] / overload.Limit)]), Goal.AtLeast(0.95));

        var busiest = overloads[^1];
        var statements = await counter.ReadAsync(Database, cancellationToken);
        AddStatements(findings, statements, busiest.Limit, (long)busiest.Requests * windows);
    }

    /// <summary>The keys ask together, so all that is asked is on the account of the one with the most requests.</summary>
    private static void AddStatements(Findings findings, IReadOnlyList<(long Calls, string Text)> statements, int limit, long requests)
    {
        foreach (var (calls, text) in statements)
            Console.Error.WriteLine($"  {calls,6} {text}");

        var asked = Calls(statements.Where(statement => statement.Text.StartsWith(Asking, StringComparison.Ordinal)));
        if (asked == 0)
            throw new BenchException($"Nobody asked '{Asking}...': the bench does not know the statement any more.");

        findings.Add(
            LimitsBench.Name, $"take_allowances statements for 1,000 requests at {limit:N0}/min", "", Of(asked), Goal.AtMost(5));
        findings.Add(LimitsBench.Name, "all statements for as many, leases and usage included", "", Of(Calls(statements)));
        findings.Add(LimitsBench.Name, $"requests that were counted, at {limit:N0}/min", "", Spread.Of([requests]));

        Spread Of(long calls) => Spread.Of([calls * 1e3 / requests]);

        static long Calls(IEnumerable<(long Calls, string Text)> statements) => statements.Sum(statement => statement.Calls);
    }
}
