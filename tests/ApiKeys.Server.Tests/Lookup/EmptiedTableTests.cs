using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Lookup;

public sealed class EmptiedTableTests(TestCluster cluster) : IClassFixture<TestCluster>
{
    [Fact]
    public async Task When_somebody_empties_the_table_of_keys_every_node_forgets_them_all()
    {
        var key = await cluster.One.CreateKeyAsync();
        foreach (var node in cluster.Nodes)
            await node.CallAsync(key.Value).ShouldBeAcceptedAsync();

        await cluster.One.ExecuteSqlAsync($"truncate api_keys cascade");

        foreach (var node in cluster.Nodes)
            await node.CallAsync(key.Value).ShouldBeInvalidKeyAsync();
    }
}
