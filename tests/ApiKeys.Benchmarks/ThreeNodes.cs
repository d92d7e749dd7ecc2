using System.Diagnostics;
using ApiKeys.AspNetCore;
using ApiKeys.Benchmarks.Hosts;
using Npgsql;

namespace ApiKeys.Benchmarks;

/// <summary>Three hosts on one database, each of which knows of the others.</summary>
internal sealed class ThreeNodes : IAsyncDisposable
{
    public const int Count = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly NpgsqlDataSource _database;
    private readonly List<BenchHost> _hosts = [];
    private readonly List<HttpClient> _clients = [];

    private ThreeNodes(NpgsqlDataSource database) => _database = database;

    public IReadOnlyList<BenchHost> Hosts => _hosts;

    public IReadOnlyList<HttpClient> Clients => _clients;

    public static async Task<ThreeNodes> StartAsync(
        NpgsqlDataSource database, string connectionString, CancellationToken cancellationToken)
    {
        var nodes = new ThreeNodes(database);
        try
        {
            while (nodes._hosts.Count < Count)
            {
                var host = await BenchHost.StartAsync(HostProgram.QuietServer(connectionString), cancellationToken);
                nodes._hosts.Add(host);
                nodes._clients.Add(new HttpClient { BaseAddress = host.Address, Timeout = Patience });
            }

            await nodes.AllAreRegisteredAsync(apis: 0, cancellationToken);
            return nodes;
        }
        catch
        {
            await nodes.DisposeAsync();
            throw;
        }
    }

    /// <summary>For the sample's incidents.</summary>
    public async Task<HttpResponseMessage> AskAsync(int node, ApiKeyValue key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, OpenHost.Incidents);
        request.Headers.Add(ApiKeyDefaults.HeaderName, key.Reveal());
        return await _clients[node].SendAsync(request, cancellationToken);
    }

    /// <param name="apis">Which have leases of their own.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task AllAreRegisteredAsync(int apis, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            await using var command = _database.CreateCommand("select count(*) from node_leases");
            var leases = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
            if (leases == Count + apis)
                return;

            if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new BenchException($"{leases} nodes have a lease, of {Count + apis}.");

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        foreach (var host in _hosts)
            await host.DisposeAsync();
    }
}
