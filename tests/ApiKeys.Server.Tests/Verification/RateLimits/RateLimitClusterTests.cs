using System.Net;
using System.Security.Cryptography;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Tests.Fixtures;
using Xunit.Abstractions;

namespace ApiKeys.Server.Tests.Verification.RateLimits;

/// <summary>Three hosts in processes of their own on one database: a limit is one limit.</summary>
public sealed class RateLimitClusterTests(RateLimitClusterTests.ThreeHosts hosts, ITestOutputHelper output) : IClassFixture<RateLimitClusterTests.ThreeHosts>
{
    /// <summary>What let 544 through elsewhere.</summary>
    [Fact]
    public async Task Of_1022_requests_at_once_on_three_nodes_a_limit_of_100_lets_100_through()
    {
        var key = await hosts.KeyAsync(requests: 100);

        var admitted = await CountAsync(key, Enumerable.Range(0, 1_022).Select(i => i % ThreeHosts.Count));

        output.WriteLine($"{admitted} of 1,022");
        Assert.InRange(admitted, 95, 100);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(1_000)]
    public async Task However_uneven_the_demand_is_twice_the_limit_gets_95_percent_of_it_and_never_more_than_all(int limit)
    {
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        var random = new Random(seed);
        int[] shares = [random.Next(1, 100), random.Next(1, 100), random.Next(1, 100)];
        var key = await hosts.KeyAsync(limit);

        var admitted = await CountAsync(key, Enumerable.Range(0, 2 * limit).Select(_ => NodeOf(random.Next(shares.Sum()))));

        output.WriteLine($"Seed {seed}, shares {string.Join('/', shares)}: {admitted} of {limit}");
        Assert.InRange(admitted, 0.95 * limit, limit);

        int NodeOf(int lot) => lot < shares[0] ? 0 : lot < shares[0] + shares[1] ? 1 : 2;
    }

    [Fact]
    public async Task A_node_that_is_killed_and_started_again_gets_nothing_twice()
    {
        var key = await hosts.KeyAsync(requests: 300);
        var admitted = await CountAsync(key, Enumerable.Range(0, 100).Select(i => i % ThreeHosts.Count));
        Assert.Equal(100, admitted);

        await hosts.KillAndStartAsync(0);
        admitted += await CountAsync(key, Enumerable.Range(0, 100).Select(i => i % ThreeHosts.Count));
        await hosts.KillAndStartAsync(1);
        admitted += await CountAsync(key, Enumerable.Range(0, 600).Select(i => i % ThreeHosts.Count));

        output.WriteLine($"{admitted} of 300, with two kills");
        Assert.InRange(admitted, 0.95 * 300, 300);
    }

    private async Task<int> CountAsync(string key, IEnumerable<int> nodes)
    {
        var statuses = await Task.WhenAll(nodes.Select(node => hosts.CallAsync(node, key)));
        Assert.All(statuses, status => Assert.True(status is HttpStatusCode.OK or HttpStatusCode.TooManyRequests, $"{status}"));
        return statuses.Count(status => status == HttpStatusCode.OK);
    }

    public sealed class ThreeHosts : IAsyncLifetime
    {
        public const int Count = 3;

        private readonly Dictionary<string, string?> _settings = new()
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["SampleApi:Enabled"] = "true",
            ["Serilog:MinimumLevel:Override:ApiKeys"] = "Warning",
            ["DOTNET_TieredPGO"] = "0",
        };

        private readonly HostProcess[] _hosts = new HostProcess[Count];
        private readonly HttpClient[] _clients = new HttpClient[Count];
        private TestServer _administration = null!;

        public async Task InitializeAsync()
        {
            var database = await TestPostgres.CreateDatabaseAsync();
            _administration = await TestCluster.StartAsync(database);
            _settings["ConnectionStrings:ApiKeys"] = database;
            await Task.WhenAll(Enumerable.Range(0, Count).Select(StartAsync));
        }

        public async Task<string> KeyAsync(int requests) => (await _administration.CreateKeyAsync(
            new { name = "Limited", scopes = new[] { "incidents:read" }, rate_limit = new { requests, window_seconds = RateWindows.Long } })).Value;

        public async Task<HttpStatusCode> CallAsync(int node, string key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/incidents");
            request.Headers.Add(ApiKeyDefaults.HeaderName, key);
            using var answer = await _clients[node].SendAsync(request);
            return answer.StatusCode;
        }

        /// <summary>SIGKILL.</summary>
        public async Task KillAndStartAsync(int node)
        {
            await _hosts[node].KillAsync();
            await StopAsync(node);
            await StartAsync(node);
        }

        public async Task DisposeAsync()
        {
            for (var node = 0; node < Count; node++)
                await StopAsync(node);

            await _administration.DisposeAsync();
        }

        private async Task StartAsync(int node)
        {
            _hosts[node] = await HostProcess.StartAsync(_settings);
            _clients[node] = await _hosts[node].CreateClientAsync();
        }

        private async Task StopAsync(int node)
        {
            _clients[node].Dispose();
            await _hosts[node].DisposeAsync();
        }
    }
}
