using System.Diagnostics;
using ApiKeys.Server.Catalog;
using Npgsql;

namespace ApiKeys.Benchmarks.List;

/// <summary>
/// The list of keys over HTTP, by one host for each size of database, all on one PostgreSQL, asked by one client in turn. What
/// the keys are like stands at <see cref="SampleKeys"/>; all belong to one organization. Every question is asked by an operator,
/// who sees all organizations, and by that organization's administrator. A round asks each host once for everything, so that
/// whatever else the machine does meanwhile slows all sizes alike.
/// </summary>
internal static class ListBench
{
    private const int WarmUpRounds = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);
    private static readonly string[] Roles = [BuiltIn.OperatorRole, BuiltIn.Admin.Name];

    public static async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var options = ListOptions.Read(arguments);
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(Patience);

        await using var cluster = await BenchCluster.StartAsync(options.Data, bounded.Token);
        var hosts = new List<BenchHost>();
        var targets = new List<ListTarget>();
        try
        {
            foreach (var size in options.Sizes)
                await OpenAsync(cluster, size, hosts, targets, bounded.Token);

            var lines = await MeasureAsync(targets, options.Rounds, bounded.Token);
            var machine = Machine.Of(await cluster.VersionAsync(bounded.Token));
            ListReport.Print(Console.Out, machine, options.Rounds, lines);
            ListReport.Write("bench/results/list.json", machine, options.Rounds, lines);
        }
        finally
        {
            targets.ForEach(target => target.Dispose());
            foreach (var host in hosts)
                await host.DisposeAsync();
        }
    }

    private static async Task OpenAsync(
        BenchCluster cluster, int size, List<BenchHost> hosts, List<ListTarget> targets, CancellationToken cancellationToken)
    {
        var started = Stopwatch.StartNew();
        var name = $"keys_{size}";
        var isFilled = await cluster.ExistsAsync(name, cancellationToken);
        await using var database = NpgsqlDataSource.Create(cluster.ConnectionStringOf(name));
        if (!isFilled)
        {
            await BenchCluster.MigrateAsync(database, cancellationToken);
            await KeyFill.FillAsync(database, size, cancellationToken);
            Console.Error.WriteLine($"Filled {size:N0} keys in {started.Elapsed.TotalSeconds:0} s");
        }

        var host = await BenchHost.StartAsync(HostProgram.Server(cluster.ConnectionStringOf(name)), cancellationToken);
        hosts.Add(host);
        foreach (var role in Roles)
        {
            await using var db = new BenchCluster.Contexts(database).CreateDbContext();
            targets.Add(await ListTarget.CreateAsync(role, size, host.Address, db, cancellationToken));
        }
    }

    private static async Task<List<ListLine>> MeasureAsync(
        List<ListTarget> targets, int rounds, CancellationToken cancellationToken)
    {
        var callers = targets.GroupBy(target => target.Caller).Select(caller => caller.ToArray()).ToList();
        var times = targets.ToDictionary(target => target, _ => ListQuery.All.ToDictionary(query => query, _ => new List<double>()));
        for (var round = -WarmUpRounds; round < rounds; round++)
        {
            foreach (var caller in callers)
                foreach (var query in ListQuery.All)
                    foreach (var target in caller)
                    {
                        var time = await target.MeasureAsync(query, cancellationToken);
                        if (round >= 0)
                            times[target][query].Add(time);
                    }

            if (round == -1)
                Console.Error.WriteLine("Warm; measuring ...");
        }

        var lines = new List<ListLine>();
        foreach (var caller in callers)
            foreach (var query in ListQuery.All)
            {
                var figures = new List<ListFigure>();
                foreach (var target in caller)
                {
                    var answer = await target.AskAsync(query.Parameters(target), cancellationToken);
                    figures.Add(ListFigure.Of(target.Size, times[target][query], times[caller[0]][query], answer));
                }

                lines.Add(new ListLine(caller[0].Caller, query.Name, figures));
            }

        return lines;
    }
}
