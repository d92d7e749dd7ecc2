using System.Text.Json;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Keys;

/// <summary>What each filter lets through, to the millisecond.</summary>
public sealed class ListFiltersTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_scope_finds_keys_that_hold_it_one_by_one_or_by_a_role()
    {
        var single = await server.CreateKeyAsync(new { name = "scoped", scopes = new[] { "graph:read", "search:read" } });
        var byRole = await server.CreateKeyAsync(new { name = "scoped", roles = new[] { "soc_analyst" } });
        await server.CreateKeyAsync(new { name = "scoped", roles = new[] { "soc_viewer" } });

        Assert.Equal(Sorted(single, byRole), Ids(await server.ListAsync("?search=scoped&scope=graph:read")).Order());
        Assert.Equal(Sorted(byRole), Ids(await server.ListAsync("?search=scoped&scope=investigations:write")).Order());
        Assert.Empty(Ids(await server.ListAsync("?search=scoped&scope=nothing:read")));
    }

    [Fact]
    public async Task An_environment_finds_its_keys()
    {
        var test = await server.CreateKeyAsync(new { name = "where", scopes = new[] { "search:read" }, environment = "test" });
        var live = await server.CreateKeyAsync(Named("where"));

        Assert.Equal([test.KeyId], Ids(await server.ListAsync("?search=where&environment=test")));
        Assert.Equal([live.KeyId], Ids(await server.ListAsync("?search=where&environment=live")));
    }

    [Fact]
    public async Task Unused_is_counted_from_the_last_use_or_else_from_the_creation()
    {
        var (never, used) = (await server.CreateKeyAsync(Named("idle")), await server.CreateKeyAsync(Named("idle")));
        server.Clock.Advance(TimeSpan.FromDays(9));
        await server.CallAsync(used.Value).ShouldBeAcceptedAsync();
        await server.FlushUsageAsync();

        server.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Empty(Ids(await server.ListAsync("?search=idle&unused_for_days=10"))); // to the day, and no longer
        server.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([never.KeyId], Ids(await server.ListAsync("?search=idle&unused_for_days=10")));
        server.Clock.Advance(TimeSpan.FromDays(9));
        Assert.Equal(Sorted(never, used), Ids(await server.ListAsync("?search=idle&unused_for_days=10")).Order());
    }

    [Fact]
    public async Task Expiring_is_what_will_and_neither_what_has_nor_what_was_revoked()
    {
        var soon = await server.CreateKeyAsync(new { name = "ends", scopes = new[] { "search:read" }, expires_in_days = 10 });
        var revoked = await server.CreateKeyAsync(new { name = "ends", scopes = new[] { "search:read" }, expires_in_days = 10 });
        await server.CreateKeyAsync(new { name = "ends", scopes = new[] { "search:read" }, expires_in_days = 11 });
        await server.CreateKeyAsync(new { name = "ends", scopes = new[] { "search:read" }, expires_in_days = (int?)null });
        await server.RevokeAsync(revoked.KeyId);

        Assert.Equal([soon.KeyId], Ids(await server.ListAsync("?search=ends&expires_within_days=10")));
        server.Clock.Advance(TimeSpan.FromDays(10));
        Assert.DoesNotContain(soon.KeyId, Ids(await server.ListAsync("?search=ends&expires_within_days=10")));
    }

    [Fact]
    public async Task Keys_on_their_previous_secret_are_those_that_were_used_with_it_since_the_rotation_and_still_can_be()
    {
        var (moved, stayed) = (await server.CreateKeyAsync(Named("grace")), await server.CreateKeyAsync(Named("grace")));
        await server.CallAsync(moved.Value).ShouldBeAcceptedAsync();
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        var rotated = await server.RotateAsync(moved.KeyId, new { grace_period_days = 7 });
        await server.RotateAsync(stayed.KeyId, new { grace_period_days = 7 });
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        await server.CallAsync(rotated.Text("api_key")!).ShouldBeAcceptedAsync();
        await server.CallAsync(stayed.Value).ShouldBeAcceptedAsync();
        await server.FlushUsageAsync();

        Assert.Equal([stayed.KeyId], Ids(await server.ListAsync("?search=grace&on_previous_secret=true")));
        server.Clock.Advance(TimeSpan.FromDays(7));
        Assert.Empty(Ids(await server.ListAsync("?search=grace&on_previous_secret=true")));
    }

    private static IEnumerable<string> Sorted(params IssuedKey[] keys) => keys.Select(key => key.KeyId).Order();

    private static object Named(string name) => new { name, scopes = new[] { "incidents:read" } };

    private static IEnumerable<string> Ids(JsonElement list) =>
        list.GetProperty("api_keys").EnumerateArray().Select(row => row.Text("key_id")!);
}
