using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Console;

/// <summary>A session belongs to the installation, not to the host that began it.</summary>
public sealed class SessionNodesTests(TestCluster cluster) : IClassFixture<TestCluster>
{
    [Fact]
    public async Task What_one_host_began_the_others_know()
    {
        var visit = await Visit.SignedInAsync(cluster.One);

        await visit.CopyTo(cluster.Other).ShouldBeInAsync();
        await (await Visit.SignedInAsync(cluster.Other)).CopyTo(cluster.One).ShouldBeInAsync();
    }

    [Fact]
    public async Task When_a_key_has_been_revoked_on_one_host_its_sessions_have_ended_on_all()
    {
        var key = await cluster.One.CreateKeyAsync(new { name = "Administrator", roles = new[] { "admin" } });
        var visit = await Visit.SignedInAsync(cluster.Other, key.Value);
        var there = visit.CopyTo(cluster.One);
        await there.ShouldBeInAsync();
        await visit.ShouldBeInAsync();

        await cluster.One.RevokeAsync(key.KeyId);

        await visit.ShouldBeOutAsync("revoked_key");
        await there.ShouldBeOutAsync();
    }

    [Fact]
    public async Task Who_signs_out_on_one_host_is_signed_out_on_all()
    {
        var visit = await Visit.SignedInAsync(cluster.One);
        var copy = visit.CopyTo(cluster.Other);
        await visit.GetAsync("/console/keys");

        Assert.Equal("/console/sign-in?ended=out", (await visit.SignOutAsync()).Location);

        await copy.ShouldBeOutAsync();
    }

    [Fact]
    public async Task A_form_of_one_host_is_taken_by_another()
    {
        var visit = await Visit.SignedInAsync(cluster.One);
        await visit.GetAsync("/console/keys");

        Assert.Equal("/console/sign-in?ended=out", (await visit.CopyTo(cluster.Other).SignOutAsync()).Location);
    }

    [Fact]
    public async Task A_restart_ends_no_session()
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        var first = await TestCluster.StartAsync(database);
        var visit = await Visit.SignedInAsync(first);
        await first.DisposeAsync();

        await using var second = await TestCluster.StartAsync(database);

        await visit.CopyTo(second).ShouldBeInAsync();
    }
}
