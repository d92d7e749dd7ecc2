using ApiKeys.Server.Console;
using ApiKeys.Server.Console.Sessions;
using ApiKeys.Server.Database.EmbeddedPostgres;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace ApiKeys.Server.Tests.Console;

/// <summary>Sessions and the database that keeps them.</summary>
public sealed class SessionDatabaseTests
{
    [Fact]
    public async Task While_the_database_is_away_nobody_is_signed_in_or_out()
    {
        await using var data = new DataFolder();
        var options = new EmbeddedPostgresOptions { DataDirectory = data.Path };
        var postgres = await EmbeddedPostgresServer.StartAsync(options, NullLogger.Instance, default);
        await using var server = new TestServerOn(postgres.ConnectionString);
        await server.InitializeAsync();
        var key = await server.CreateKeyAsync("api-keys:read");
        var visit = await Visit.SignedInAsync(server);
        var guest = Visit.To(server);
        await guest.GetAsync("/console/sign-in");

        await postgres.DisposeAsync();
        server.EndLease();

        ShouldBeAway(await visit.GetAsync("/console/keys"));
        ShouldBeAway(await visit.SignOutAsync());
        Assert.Equal(200, (await visit.GetAsync(ConsoleAssets.UrlOf("console.css"))).Status); // so that what is told looks like a page
        var refused = await guest.PostAsync("/console/sign-in", ("_handler", "sign-in"), ("api_key", key.Value));
        Assert.Equal((503, "5"), (refused.Status, refused.Headers["Retry-After"]));
        Assert.Contains("Keys cannot be checked at the moment. Try again in a few seconds.", refused.Text, StringComparison.Ordinal);

        postgres = await EmbeddedPostgresServer.StartAsync(options, NullLogger.Instance, default);
        await visit.ShouldBeInAsync();
        await postgres.DisposeAsync();
    }

    [Fact]
    public async Task Hosts_that_start_at_the_same_moment_on_an_empty_database_seal_with_one_key()
    {
        var database = await TestPostgres.CreateDatabaseAsync();

        var nodes = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => TestCluster.StartAsync(database)));

        Assert.Equal(1, (await nodes[0].QuerySqlAsync<int>($"select count(*)::int as \"Value\" from data_protection_keys")).Single());
        var visit = await Visit.SignedInAsync(nodes[0]);
        foreach (var node in nodes)
            await visit.CopyTo(node).ShouldBeInAsync();

        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    [Fact]
    public async Task A_key_for_sealing_is_not_kept_where_another_host_has_made_one_meanwhile()
    {
        await using var server = await TestCluster.StartAsync(await TestPostgres.CreateDatabaseAsync());
        var late = ActivatorUtilities.CreateInstance<SharedDataProtectionKeys>(server.Services);
        var early = ActivatorUtilities.CreateInstance<SharedDataProtectionKeys>(server.Services);
        var before = late.GetAllElements().Count;
        Assert.Equal(before, early.GetAllElements().Count);

        early.StoreElement(new("key", "early"), "early");
        late.StoreElement(new("key", "late"), "late");

        var kept = late.GetAllElements();
        Assert.Equal(before + 1, kept.Count);
        Assert.Contains(kept, key => key.Value == "early");
        late.StoreElement(new("key", "next"), "next"); // it knows of all of them now
        Assert.Equal(before + 2, late.GetAllElements().Count);
    }

    private static void ShouldBeAway(Visit.Reply answer)
    {
        Assert.Equal(503, answer.Status);
        Assert.Equal("5", answer.Headers["Retry-After"]);
        Assert.Contains("Not available at the moment", answer.Text, StringComparison.Ordinal);
        Assert.Empty(answer.SetCookies);
    }
}
