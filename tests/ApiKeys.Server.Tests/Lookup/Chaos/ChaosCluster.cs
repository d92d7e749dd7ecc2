using System.Net;
using System.Net.Sockets;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.Tests.Fixtures;
using ApiKeys.Server.Tests.Remote;
using Npgsql;

namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>Three nodes on one database, and two APIs that ask now one of them, now another; all of them ours alone.</summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    private const int LeaseSeconds = 2; // so that a lease ends often in little time

    private ChaosCluster(DurablePostgres postgres) => Postgres = postgres;

    public static TimeSpan Lease { get; } = TimeSpan.FromSeconds(LeaseSeconds);

    /// <summary>After this long without a renewal no node answers from memory.</summary>
    public static TimeSpan EndOfLease { get; } = LookupOptions.EndOf(Lease);

    public DurablePostgres Postgres { get; }

    public IReadOnlyList<ChaosNode> Nodes { get; private set; } = [];

    public IReadOnlyList<ChaosNode> Apis { get; private set; } = [];

    public IEnumerable<ChaosNode> NodesAndApis => [.. Nodes, .. Apis];

    public string OperatorKey { get; private set; } = "";

    public static async Task<ChaosCluster> StartAsync(CancellationToken cancellationToken)
    {
        var postgres = new DurablePostgres();
        var cluster = new ChaosCluster(postgres);
        try
        {
            await postgres.StartAsync(cancellationToken);
            cluster.Nodes = [.. new[] { "A", "B", "C" }.Select(cluster.NodeOf)];
            var (exitCode, output) = await HostProcess.RunAsync(cluster.Nodes[0].Settings, "create-admin", "--email", "admin@example.com");
            Assert.True(exitCode == 0, output);
            cluster.OperatorKey = output.Split('\n')[^1];
            await Task.WhenAll(cluster.Nodes.Select(node => node.StartAsync()));
            using var request = AdminRequests.CreateVerifier();
            var credential = (await cluster.Nodes[0].SendAsync(request, cluster.OperatorKey, cancellationToken)).Json.Text("api_key")!;
            cluster.Apis = [.. new[] { 1, 2 }.Select(number => cluster.ApiOf($"{ChaosNode.Api} {number}", credential))];
            await Task.WhenAll(cluster.Apis.Select(api => api.StartAsync()));
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
        foreach (var node in NodesAndApis.Reverse())
            await node.DisposeAsync();

        await Postgres.DisposeAsync();
    }

    private ChaosNode NodeOf(string name)
    {
        var proxy = new TcpProxy(() => new UnixDomainSocketEndPoint(Postgres.Socket));
        var database = new NpgsqlConnectionStringBuilder(Postgres.ConnectionString);
        return new ChaosNode(name, HostProcess.Program, proxy, new Dictionary<string, string?>
        {
            ["ConnectionStrings:ApiKeys"] = new NpgsqlConnectionStringBuilder
            {
                Host = "127.0.0.1",
                Port = proxy.Port,
                Username = database.Username,
                Database = database.Database,
                MaxPoolSize = 20,
            }.ConnectionString,
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["SampleApi:Enabled"] = "true",
            ["Lookup:LeaseSeconds"] = $"{LeaseSeconds}",
            ["Serilog:MinimumLevel:Default"] = "Warning",
            ["Serilog:MinimumLevel:Override:Microsoft.Hosting.Lifetime"] = "Information", // which tells its address
            ["DOTNET_TieredPGO"] = "0", // it starts a little faster
        });
    }

    /// <summary>Each of its connections leads to one of the nodes that there are.</summary>
    private ChaosNode ApiOf(string name, string credential)
    {
        var next = 0;
        var proxy = new TcpProxy(() =>
        {
            var addresses = Nodes.Select(node => node.Address).OfType<Uri>().ToArray();
            var address = addresses[(Interlocked.Increment(ref next) & int.MaxValue) % addresses.Length];
            return new IPEndPoint(IPAddress.Loopback, address.Port);
        });
        return new ChaosNode(name, IncidentsApiTests.Program, proxy, new Dictionary<string, string?>
        {
            ["ApiKeys:Address"] = $"http://127.0.0.1:{proxy.Port}",
            ["ApiKeys:Credential"] = credential,
            ["Logging:LogLevel:Default"] = "Warning",
            ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Information", // which tells its address
            ["DOTNET_TieredPGO"] = "0",
        });
    }
}
