namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>One fault after another, each of them once in every round, with quiet times between.</summary>
internal sealed class Storm(ChaosCluster cluster, History history, Random random)
{
    /// <summary>For the leases, the reads and the reconnecting that a host needs after a fault.</summary>
    private static readonly TimeSpan MaxRecovery = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan LongTrouble = ChaosCluster.Lease * 1.5;
    private static readonly TimeSpan BriefTrouble = ChaosCluster.Lease * 0.5;

    private volatile TaskCompletionSource _imminent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completed just before the next fault, and anew for the one after it.</summary>
    public Task Imminent => _imminent.Task;

    /// <param name="length">No round begins after it.</param>
    /// <param name="steady">Lives through all of it.</param>
    /// <param name="patience">Nothing goes on.</param>
    public async Task RunAsync(TimeSpan length, TrialKey steady, CancellationToken patience)
    {
        await UntilAllAcceptAsync(steady, patience);
        do
        {
            var round = Enum.GetValues<FaultKind>();
            random.Shuffle(round);
            foreach (var kind in round)
            {
                await Task.Delay(random.Next(800, 1200), patience);
                await StrikeAsync(kind, steady, patience);
            }
        }
        while (history.Now < length);
    }

    private async Task StrikeAsync(FaultKind kind, TrialKey steady, CancellationToken patience)
    {
        var node = kind.IsOfDatabase() ? null : random.GetItems(cluster.NodesAndApis.ToArray(), 1)[0];
        var next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _imminent, next).SetResult();
        await Task.Delay(random.Next(60), patience);
        while (!history.IsChanging)
            await Task.Delay(1, patience);

        var began = history.Now;
        if (node is null)
        {
            await StrikeDatabaseAsync(kind, patience);
        }
        else
        {
            node.IsWell = false;
            await StrikeNodeAsync(kind, node, patience);
        }

        var healed = history.Now;
        var back = await UntilAllAcceptAsync(steady, patience);
        if (node is not null)
            node.IsWell = true;

        history.Add(new FaultSpan(kind, node?.Name, began, healed, back));
    }

    private static async Task StrikeNodeAsync(FaultKind kind, ChaosNode node, CancellationToken patience)
    {
        switch (kind)
        {
            case FaultKind.PausedBriefly or FaultKind.PausedForLong:
                await node.SuspendAsync();
                await Task.Delay(kind == FaultKind.PausedForLong ? LongTrouble : BriefTrouble, patience);
                await node.ResumeAsync();
                break;
            case FaultKind.Killed:
                await node.KillAsync();
                await node.StartAsync();
                break;
            case FaultKind.ConnectionsReset:
                node.Proxy.Reset();
                await Task.Delay(LongTrouble, patience);
                node.Proxy.Heal(deliversLate: false);
                break;
            case FaultKind.BlackHole or FaultKind.Delayed:
                node.Proxy.HoldBack();
                await Task.Delay(LongTrouble, patience);
                node.Proxy.Heal(deliversLate: kind == FaultKind.Delayed);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind));
        }
    }

    private async Task StrikeDatabaseAsync(FaultKind kind, CancellationToken patience)
    {
        if (kind == FaultKind.ListenerDropped)
        {
            const string drop = """
                select count(*) from (
                    select pg_terminate_backend(pid) from pg_stat_activity
                    where application_name = 'apikeys node' and state = 'idle' and query ilike 'listen %'
                    order by random() limit 1) as dropped
                """;
            Assert.Equal(1, await cluster.Postgres.ExecuteAsync(drop, patience));
            await Task.Delay(BriefTrouble, patience);
            return;
        }

        await cluster.Postgres.CrashAsync();
        if (kind == FaultKind.DatabaseCrashedForLong)
            await Task.Delay(LongTrouble, patience);

        await cluster.Postgres.StartAsync(patience);
    }

    /// <returns>When each node had accepted the key.</returns>
    private async Task<TimeSpan> UntilAllAcceptAsync(TrialKey key, CancellationToken patience)
    {
        var began = history.Now;
        foreach (var node in cluster.NodesAndApis)
        {
            while (!(await Client.CallAsync(node, key, history)).IsAccepted)
            {
                Assert.True(history.Now - began < MaxRecovery, $"{node.Name} accepts no key, long after all is well.\n{node.Output}");
                await Task.Delay(20, patience);
            }
        }

        return history.Now;
    }
}
