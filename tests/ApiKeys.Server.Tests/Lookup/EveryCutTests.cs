using System.Net.Http.Json;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Lookup;

/// <summary>Whatever takes something away is over, on every node, when its call returns: the very next request is refused.</summary>
public sealed class EveryCutTests(TestCluster cluster) : IClassFixture<TestCluster>
{
    private const string Members = "/api/admin/members";
    private const string Organizations = "/api/admin/organizations"; // for administrators' keys only

    private TestServer One => cluster.One;

    [Fact]
    public async Task A_revoked_key()
    {
        var key = await KnownAsync(await One.CreateKeyAsync());

        var row = await One.RevokeAsync(key.KeyId);

        await ShouldRefuseAsync(key, 401, "revoked_key");
        var propagation = row.GetProperty("propagation");
        Assert.Equal(2, propagation.GetProperty("nodes").GetInt32());
        Assert.Equal(2, propagation.GetProperty("confirmed").GetInt32());
        Assert.InRange(propagation.GetProperty("elapsed_ms").GetInt64(), 0, 10_000);
    }

    [Fact]
    public async Task A_key_that_revokes_itself()
    {
        var key = await KnownAsync(await One.CreateKeyAsync());
        using var client = One.CreateClient(key.Value);

        using var revoked = await client.PostAsync("/api/v1/me/revoke", content: null);

        Assert.Equal(2, (await revoked.ReadJsonAsync(200)).GetProperty("propagation").GetProperty("confirmed").GetInt32());
        await ShouldRefuseAsync(key, 401, "revoked_key");
    }

    [Fact]
    public async Task A_disabled_key_until_it_is_enabled()
    {
        var key = await KnownAsync(await One.CreateKeyAsync());

        await One.EditAsync(key.KeyId, new { enabled = false });
        await ShouldRefuseAsync(key, 401, "disabled_key");

        await One.EditAsync(key.KeyId, new { enabled = true });
        await KnownAsync(key);
    }

    [Fact]
    public async Task A_scope()
    {
        var key = await KnownAsync(await One.CreateKeyAsync("incidents:read", "search:read"));
        await One.EditAsync(key.KeyId, new { scopes = new[] { "search:read" } });
        await ShouldRefuseAsync(key, 403, "insufficient_scope");
    }

    [Fact]
    public async Task A_role()
    {
        var key = await KnownAsync(await One.CreateKeyAsync(new { name = "A", roles = new[] { "soc_analyst" }, scopes = new[] { "search:read" } }));
        await One.EditAsync(key.KeyId, new { roles = Array.Empty<string>() });
        await ShouldRefuseAsync(key, 403, "insufficient_scope");
    }

    [Fact]
    public async Task An_address()
    {
        var key = await KnownAsync(await One.CreateKeyAsync());
        await One.EditAsync(key.KeyId, new { allowed_ips = new[] { "203.0.113.7" } });
        await ShouldRefuseAsync(key, 403, "ip_not_allowed");
    }

    [Fact]
    public async Task A_secret_that_is_rotated_without_grace()
    {
        var key = await KnownAsync(await One.CreateKeyAsync());

        var rotated = await One.RotateAsync(key.KeyId, new { grace_period_days = 0 });

        await ShouldRefuseAsync(key, 401, "invalid_key");
        await KnownAsync(key with { Value = rotated.Text("api_key")! });
    }

    [Fact]
    public async Task A_secret_in_its_grace_period_that_a_second_rotation_ends()
    {
        var key = await KnownAsync(await One.CreateKeyAsync());
        await One.RotateAsync(key.KeyId);
        await KnownAsync(key);

        await One.RotateAsync(key.KeyId);

        await ShouldRefuseAsync(key, 401, "invalid_key");
    }

    [Fact]
    public async Task A_suspended_organization_and_no_other()
    {
        await One.AddOrganizationAsync("suspended");
        var key = await KnownAsync(await One.CreateKeyAsync(new { name = "A", scopes = new[] { "incidents:read" }, organization = "suspended" }));
        var bystander = await KnownAsync(await One.CreateKeyAsync());

        await One.EditOrganizationAsync("suspended", new { suspended = true });
        await ShouldRefuseAsync(key, 401, "disabled_key");
        await KnownAsync(bystander);

        await One.EditOrganizationAsync("suspended", new { suspended = false });
        await KnownAsync(key);
    }

    [Fact]
    public async Task A_member_who_is_no_administrator_any_more()
    {
        var member = await One.AddMemberAsync("demoted@example.com", "admin");
        var key = await KnownAsync(await KeyOfAsync("demoted@example.com"), Organizations);

        using var demoted = await One.Operator.PatchAsync($"{Members}/{member}", new { role = "member" });
        await demoted.ReadJsonAsync(200);

        await ShouldRefuseAsync(key, 403, "insufficient_scope", Organizations);
    }

    [Fact]
    public async Task A_member_who_is_removed()
    {
        var member = await One.AddMemberAsync("removed@example.com", "admin");
        var key = await KnownAsync(await KeyOfAsync("removed@example.com"), Members);

        using var removed = await One.Operator.DeleteAsync($"{Members}/{member}");
        Assert.Equal(204, (int)removed.StatusCode);

        await ShouldRefuseAsync(key, 401, "revoked_key", Members);
    }

    [Fact]
    public async Task What_somebody_changes_by_hand_in_the_database()
    {
        var (key, deleted) = (await KnownAsync(await One.CreateKeyAsync()), await KnownAsync(await One.CreateKeyAsync()));

        await One.ExecuteSqlAsync($"update api_keys set enabled = false where key_id = {key.KeyId}");
        await One.ExecuteSqlAsync($"delete from api_keys where key_id = {deleted.KeyId}");

        await ShouldRefuseAsync(key, 401, "disabled_key");
        await ShouldRefuseAsync(deleted, 401, "invalid_key");
    }

    [Fact]
    public async Task What_is_given_works_on_every_node_too()
    {
        var key = await One.CreateKeyAsync("search:read");
        await ShouldRefuseAsync(key, 403, "insufficient_scope");

        await One.EditAsync(key.KeyId, new { scopes = new[] { "incidents:read" } });

        await KnownAsync(key);
    }

    private Task<IssuedKey> KeyOfAsync(string owner) =>
        One.CreateKeyAsync(new { name = "A", scopes = new[] { "members:read", "organizations:read" }, owner });

    /// <summary>Every node accepts it, and remembers it.</summary>
    private async Task<IssuedKey> KnownAsync(IssuedKey key, string path = "/api/v1/incidents")
    {
        foreach (var node in cluster.Nodes)
            await node.CallAsync(key.Value, path).ShouldBeAcceptedAsync();

        return key;
    }

    private async Task ShouldRefuseAsync(IssuedKey key, int status, string code, string path = "/api/v1/incidents")
    {
        foreach (var node in cluster.Nodes.Reverse())
        {
            using var response = await node.CallAsync(key.Value, path);
            Assert.Equal((status, code), ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>()).Text("code")));
        }
    }
}
