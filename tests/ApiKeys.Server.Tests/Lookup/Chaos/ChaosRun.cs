using System.Collections.Concurrent;

namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>Clients, administrators and faults, all at once; and what came of it.</summary>
internal static class ChaosRun
{
    private const int SteadyKeys = 6;
    private const int ClientsOfNode = 6;
    private const int Administrators = 8;

    /// <summary>For the start, a last round of faults, and the questions at the end.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(3);

    public static async Task<ChaosReport> RunAsync(ChaosSettings settings)
    {
        using var patience = new CancellationTokenSource(settings.Length + Rest);
        await using var cluster = await ChaosCluster.StartAsync(patience.Token);
        var (history, keys) = (new History(), new TrialKeys());
        var seeds = new Random(settings.Seed);
        var storm = new Storm(cluster, history, new Random(seeds.Next()));
        Administrator[] administrators =
            [.. Enumerable.Range(0, Administrators).Select(i => new Administrator($"admin-{i}", cluster, keys, history, storm, new Random(seeds.Next())))];
        for (var i = 0; i < SteadyKeys; i++)
            await administrators[0].MakeKeyAsync(organization: null, patience.Token);

        using var calm = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
        var clients = cluster.NodesAndApis.SelectMany(node => Enumerable.Repeat(node, ClientsOfNode))
            .Select(node => new Client(node, keys, history, new Random(seeds.Next())).RunAsync(patience.Token))
            .ToList();
        await TogetherAsync(patience, [
            StormAsync(storm, settings.Length, keys.All[0], calm, patience.Token),
            .. administrators.Select(administrator => administrator.RunAsync(calm.Token, patience.Token))]);
        var atTheEnd = await AskEverywhereAsync(cluster, keys, history);
        await patience.CancelAsync();
        await Task.WhenAll(clients);
        return new ChaosReport(settings.Seed, history, atTheEnd);
    }

    private static async Task StormAsync(
        Storm storm, TimeSpan length, TrialKey steady, CancellationTokenSource calm, CancellationToken patience)
    {
        await storm.RunAsync(length, steady, patience);
        await calm.CancelAsync();
    }

    /// <summary>Whoever fails ends the others, so that nothing is left running.</summary>
    private static async Task TogetherAsync(CancellationTokenSource patience, Task[] tasks)
    {
        await foreach (var ended in Task.WhenEach(tasks))
        {
            if (!ended.IsCompletedSuccessfully)
                await patience.CancelAsync();
        }

        await Task.WhenAll(tasks);
    }

    /// <summary>When all is well again: every key that there ever was, of every node. Those that live are accepted.</summary>
    private static async Task<IReadOnlyCollection<Violation>> AskEverywhereAsync(ChaosCluster cluster, TrialKeys keys, History history)
    {
        var (living, wrong) = (keys.Living.ToHashSet(), new ConcurrentQueue<Violation>());
        await Parallel.ForEachAsync(
            cluster.NodesAndApis.SelectMany(node => keys.All.Select(key => (Node: node, Key: key))),
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (asked, _) =>
            {
                var call = await Client.CallAsync(asked.Node, asked.Key, history);
                if (living.Contains(asked.Key) ? !call.IsAccepted : call.Status is not (401 or 403))
                    wrong.Enqueue(new Violation(Rule.WrongInTheEnd, $"{call}"));
            });
        return wrong;
    }
}
