using ApiKeys.Server.Database.EmbeddedPostgres;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;

namespace ApiKeys.Server.Tests.Verification.RateLimits;

/// <summary>A PostgreSQL of its own goes away under two hosts, and comes back.</summary>
public sealed class DatabaseAwayTests
{
    [Fact]
    public async Task What_is_in_hand_goes_on_and_then_the_options_decide_and_afterwards_all_is_well()
    {
        await using var data = new DataFolder();
        var options = new EmbeddedPostgresOptions { DataDirectory = data.Path };
        var postgres = await EmbeddedPostgresServer.StartAsync(options, NullLogger.Instance, default);
        await using var refusing = await StartAsync(postgres, "Refuse");
        await using var allowing = await StartAsync(postgres, "Allow");
        var key = await refusing.CreateKeyAsync(
            new { name = "A", scopes = new[] { "incidents:read" }, rate_limit = new { requests = 100, window_seconds = RateWindows.Long } });
        foreach (var server in new[] { refusing, allowing })
            for (var i = 0; i < 4; i++)
                await server.CallAsync(key.Value).ShouldBeAcceptedAsync(); // the last of them takes two more, a fiftieth of the limit

        await postgres.DisposeAsync();

        for (var i = 0; i < 2; i++)
            await refusing.CallAsync(key.Value).ShouldBeAcceptedAsync();

        await refusing.CallAsync(key.Value).ShouldBeProblemAsync(503, "unavailable");
        await refusing.CallAsync(key.Value).ShouldBeProblemAsync(503, "unavailable");
        for (var i = 0; i < 10; i++)
            await allowing.CallAsync(key.Value).ShouldBeAcceptedAsync();

        postgres = await EmbeddedPostgresServer.StartAsync(options, NullLogger.Instance, default);
        await Eventually.AnswersAsync(200, () => refusing.CallAsync(key.Value));
        await postgres.DisposeAsync();
    }

    private static Task<TestServer> StartAsync(EmbeddedPostgresServer postgres, string whenUnavailable) => TestCluster.StartAsync(
        postgres.ConnectionString, new Dictionary<string, string> { ["RateLimits:WhenUnavailable"] = whenUnavailable, ["Lookup:LeaseSeconds"] = "60" });
}
