using ApiKeys.Benchmarks.Hosts;
using ApiKeys.Benchmarks.Load;
using ApiKeys.Benchmarks.Report;
using Npgsql;

namespace ApiKeys.Benchmarks.Statements;

/// <summary>
/// What the whole server asks of its database while it answers a million requests over a hundred keys, as the database itself counts
/// it: from a cold cache, the lease, the writing of uses and what cleans connections included. Much of it goes by the clock
/// and not by requests, so the rate is told too.
/// </summary>
internal static class StatementsBench
{
    private const string Name = "statements";
    private const string Database = "keys";
    private const int Keys = 100;
    private const int Connections = 64;
    private const int SecondsAtOnce = 4;
    private static readonly TimeSpan UntilUsesAreWritten = TimeSpan.FromSeconds(6);

    public static async Task RunAsync(Arguments arguments, Findings findings, CancellationToken cancellationToken)
    {
        var requests = arguments.Number("--requests", otherwise: 1_000_000, quick: 100_000);
        arguments.RefuseOthers();
        var cores = Cores.Find();
        await using var cluster = await BenchCluster.StartWithAsync("shared_preload_libraries", StatementCount.Library, cancellationToken);
        findings.Postgres = await cluster.VersionAsync(cancellationToken);
        await using var database = NpgsqlDataSource.Create(cluster.ConnectionStringOf(Database));
        await BenchCluster.MigrateAsync(database, cancellationToken);
        using var keys = KeysFile.Of(await BenchKeys.AddAsync(database, Keys, cancellationToken));
        database.Clear(); // a connection that was closed has told what it wrote: the keys are not counted
        await using var host = await BenchHost.StartAsync(
            HostProgram.QuietServer(cluster.ConnectionStringOf(Database)) with { Core = cores.Host }, cancellationToken);
        await using var counter = await StatementCount.OpenAsync(cluster.ConnectionStringOf("postgres"), cancellationToken);

        var rowsBefore = await UsageRows.CountAsync(database, cancellationToken);
        await counter.ResetAsync(cancellationToken);
        var load = new WrkLoad(keys, Connections);
        await new Contender("each key once", host, OpenHost.Incidents, load).CheckAsync(cancellationToken);
        var reads = (await counter.ReadAsync(Database, cancellationToken)).Sum(statement => statement.Calls);

        var (answered, seconds) = (0L, 0d);
        while (answered < requests)
        {
            var result = await Wrk.RunAsync(new Uri(host.Address, OpenHost.Incidents), load, SecondsAtOnce, cores.Load, cancellationToken);
            (answered, seconds) = (answered + result.Requests, seconds + result.Seconds);
        }

        await Task.Delay(UntilUsesAreWritten, cancellationToken);
        var statements = await counter.ReadAsync(Database, cancellationToken);
        foreach (var (calls, text) in statements)
            Console.Error.WriteLine($"  {calls,6} {text}");

        await Task.Delay(UsageRows.UntilCounted, cancellationToken);
        var rows = await UsageRows.CountAsync(database, cancellationToken) - rowsBefore;

        // As for a million, however many more or fewer there were: what goes by the clock is in proportion, the first reads are not.
        var later = (statements.Sum(statement => statement.Calls) - reads) * 1e6 / answered;
        findings.Add(Name, $"statements for 1,000,000 requests over {Keys} keys", "", Spread.Of([reads + later]), Goal.AtMost(300));
        findings.Add(Name, "of which the first reads of the keys", "", Spread.Of([reads]));
        findings.Add(Name, "of which all others", "", Spread.Of([later]));
        findings.Add(Name, $"rows written of usage for 1,000,000 requests over {Keys} keys", "", Spread.Of([rows * 1e6 / answered]));
        findings.Add(Name, "requests that were counted", "", Spread.Of([answered]));
        findings.Add(Name, "at this rate", "/s", Spread.Of([answered / seconds]));
    }
}
