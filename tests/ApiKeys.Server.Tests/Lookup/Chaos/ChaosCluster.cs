using ApiKeys.Server.Lookup;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>Three nodes on one database, all of them ours alone.</summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    private const int LeaseSeconds = 2; // so that a lease ends often in little time

    private ChaosCluster(DurablePostgres postgres, IReadOnlyList<ChaosNode> nodes) => (Postgres, Nodes) = (postgres, nodes);

    public static TimeSpan Lease { get; } = TimeSpan.FromSeconds(LeaseSeconds);

    /// <summary>After this long without a renewal no node answers from memory.</summary>
    public static TimeSpan EndOfLease { get; } = LookupOptions.EndOf(Lease);

    public DurablePostgres Postgres { get; }

    public IReadOnlyList<ChaosNode> Nodes { get; }

    public string OperatorKey { get; private set; } = "";

    public static async Task<ChaosCluster> StartAsync(CancellationToken cancellationToken)
    {
        var postgres = new DurablePostgres();
        var cluster = new ChaosCluster(postgres, []);
        try
        {
            await postgres.StartAsync(cancellationToken);
            cluster = new ChaosCluster(postgres, [.. new[] { "A", "B", "C" }.Select(name => new ChaosNode(name, postgres, LeaseSeconds))]);
            var (exitCode, output) = await HostProcess.RunAsync(cluster.Nodes[0].Settings, "create-admin", "--email", "admin@example.com");
            Assert.True(exitCode == 0, output);
            cluster.OperatorKey = output.Split('\n')[^1];
            await Task.WhenAll(cluster.Nodes.Select(node => node.StartAsync()));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>One that is well; now and then any, since nobody can know.</summary>
    public ChaosNode Pick(Random random)
    {
        var well = Nodes.Where(node => node.IsWell).ToArray();
        return well.Length == 0 || random.Next(10) == 0 ? Nodes[random.Next(Nodes.Count)] : well[random.Next(well.Length)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
            await node.DisposeAsync();

        await Postgres.DisposeAsync();
    }
}
