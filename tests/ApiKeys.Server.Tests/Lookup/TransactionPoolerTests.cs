using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace ApiKeys.Server.Tests.Lookup;

/// <summary>Behind a real pgbouncer that pools transactions, LISTEN is heard by nobody; and nothing says so.</summary>
public sealed class TransactionPoolerTests
{
    [Fact]
    public async Task The_silence_is_found_out_and_told_and_a_revoke_is_over_on_every_node_all_the_same()
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        await using var pooler = await PgBouncer.StartAsync(database);
        var settings = new Dictionary<string, string> { ["Lookup:LeaseSeconds"] = "60" };
        await using var one = await TestCluster.StartAsync(pooler.ConnectionString, settings);
        await using var other = await TestCluster.StartAsync(pooler.ConnectionString, settings);

        foreach (var node in new[] { one, other })
        {
            await Eventually.TrueAsync(() => node.Logs.Lines.Any(IsWarning), () => string.Join('\n', node.Logs.Lines));
            using var ready = await node.Operator.GetAsync("/health/ready");
            await ready.ReadJsonAsync(200);
        }

        for (var i = 0; i < 20; i++)
        {
            var key = await one.CreateKeyAsync();
            await other.CallAsync(key.Value).ShouldBeAcceptedAsync();
            await one.CallAsync(key.Value).ShouldBeAcceptedAsync();

            var propagation = (await one.RevokeAsync(key.KeyId)).GetProperty("propagation");

            await other.CallAsync(key.Value).ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);
            await one.CallAsync(key.Value).ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);
            Assert.Equal(2, propagation.GetProperty("confirmed").GetInt32());
            Assert.InRange(propagation.GetProperty("elapsed_ms").GetInt64(), 0, 10_000); // it polls: the next renewal would be twelve seconds away
        }
    }

    private static bool IsWarning(string line) => line.StartsWith("Warning 510 ", StringComparison.Ordinal);

    [Fact]
    public async Task Without_a_pooler_nobody_polls()
    {
        await using var server = new TestServer();
        await server.InitializeAsync();

        var node = server.Services.GetRequiredService<Node>();
        await Eventually.TrueAsync(() => !node.Polls, () => string.Join('\n', server.Logs.Lines));
    }
}
