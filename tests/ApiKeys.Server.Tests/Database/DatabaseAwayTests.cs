using System.Net.Http.Json;
using ApiKeys.Server.Database.EmbeddedPostgres;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;

namespace ApiKeys.Server.Tests.Database;

/// <summary>A PostgreSQL of its own goes away under the host, and comes back.</summary>
public sealed class DatabaseAwayTests
{
    [Fact]
    public async Task While_the_database_is_away_keys_are_known_until_the_lease_ends_then_the_answer_is_503_and_never_401_and_afterwards_all_is_well()
    {
        await using var data = new DataFolder();
        var options = new EmbeddedPostgresOptions { DataDirectory = data.Path };
        var postgres = await EmbeddedPostgresServer.StartAsync(options, NullLogger.Instance, default);
        await using var server = new TestServerOn(postgres.ConnectionString);
        await server.InitializeAsync();
        var key = await server.CreateKeyAsync();
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();

        await postgres.DisposeAsync();
        Assert.False(data.IsServerRunning);

        await server.CallAsync(key.Value).ShouldBeAcceptedAsync(); // from memory, while the lease lasts
        server.EndLease();
        await server.CallAsync(key.Value).ShouldBeProblemAsync(
            503, "unavailable", "API keys cannot be checked at the moment. Try again after the number of seconds in Retry-After.");
        await server.Operator.PostAsJsonAsync("/api/admin/api-keys", new { name = "A", scopes = new[] { "incidents:read" } })
            .ShouldBeProblemAsync(503, "unavailable");
        await server.CallAsync("garbage").ShouldBeInvalidKeyAsync();
        using var live = await server.Operator.GetAsync("/health/live");
        Assert.Equal("healthy", (await live.ReadJsonAsync(200)).Text("status"));
        using var ready = await server.Operator.GetAsync("/health/ready");
        Assert.Equal("The database cannot be reached.", (await ready.ReadJsonAsync(503)).GetProperty("checks").Text("database"));

        postgres = await EmbeddedPostgresServer.StartAsync(options, NullLogger.Instance, default);
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
        await server.FlushUsageAsync();
        Assert.NotNull((await server.GetKeyAsync(key.KeyId)).Instant("last_used_at"));
        await postgres.DisposeAsync();
    }
}
