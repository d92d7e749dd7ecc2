using System.Net.Http.Json;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Keys;

/// <summary>Nobody gets by creating or rotating a key more than he has.</summary>
public sealed class GrantTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Path = "/api/admin/api-keys";

    [Fact]
    public async Task Only_administrators_name_another_owner()
    {
        await server.ExecuteSqlAsync(
            $"insert into members select gen_random_uuid(), id, 'bob@example.com', '', '', 'member', now() from organizations where slug = 'default'");
        var writer = await server.CreateKeyAsync("api-keys:write", "incidents:read");
        using var asWriter = server.CreateClient(writer.Value);
        var request = new { name = "A", scopes = new[] { "incidents:read" }, owner = "Bob@Example.com" };

        await asWriter.PostAsJsonAsync(Path, request).ShouldBeProblemAsync(403, "scope_escalation");
        Assert.Equal("bob@example.com", (await server.CreateKeyAsync(request)).Answer!.Value.Text("owner"));
    }

    [Fact]
    public async Task Nobody_grants_a_scope_that_he_does_not_hold_unless_he_is_an_administrator_and_it_is_one_of_the_product()
    {
        var writer = await server.CreateKeyAsync("api-keys:write", "incidents:read");
        var admin = await server.CreateKeyAsync(new { name = "Administrator", roles = new[] { "admin" } });
        using var asWriter = server.CreateClient(writer.Value);
        using var asAdmin = server.CreateClient(admin.Value);

        (await asWriter.PostAsJsonAsync(Path, new { name = "A", scopes = new[] { "incidents:read" } })).EnsureSuccessStatusCode();
        await asWriter.PostAsJsonAsync(Path, new { name = "A", scopes = new[] { "incidents:read", "search:read" } })
            .ShouldBeProblemAsync(403, "scope_escalation", "You cannot grant what your own API key does not hold: search:read.");
        await asWriter.PostAsJsonAsync(Path, new { name = "A", roles = new[] { "admin" } }).ShouldBeProblemAsync(403, "scope_escalation");
        (await asAdmin.PostAsJsonAsync(Path, new { name = "A", scopes = new[] { "search:read" } })).EnsureSuccessStatusCode();
        await asAdmin.PostAsJsonAsync(Path, new { name = "A", roles = new[] { "operator" } }).ShouldBeProblemAsync(
            403, "scope_escalation", "You cannot grant what your own API key does not hold: organizations:read, organizations:write.");
        await asAdmin.PostAsJsonAsync(Path, new { name = "A", scopes = new[] { "search:read" }, organization = "another" })
            .ShouldBeProblemAsync(403, "scope_escalation");
    }

    [Fact]
    public async Task Nobody_gets_by_rotation_a_key_that_may_do_more_than_he_may_grant()
    {
        var writer = await server.CreateKeyAsync("api-keys:write", "incidents:read");
        var admin = await server.CreateKeyAsync(new { name = "Administrator", roles = new[] { "admin" } });
        var product = await server.CreateKeyAsync("incidents:read");
        using var asWriter = server.CreateClient(writer.Value);
        using var asAdmin = server.CreateClient(admin.Value);

        await asWriter.PostAsJsonAsync(Rotate(admin.KeyId), new { }).ShouldBeProblemAsync(403, "scope_escalation");
        await asAdmin.PostAsJsonAsync(Rotate(server.OperatorKey.KeyId), new { }).ShouldBeProblemAsync(
            403, "scope_escalation", "You cannot grant what your own API key does not hold: organizations:read, organizations:write.");
        (await asWriter.PostAsJsonAsync(Rotate(product.KeyId), new { })).EnsureSuccessStatusCode();
        (await server.CallAsync(admin.Value, "/api/admin/api-keys")).EnsureSuccessStatusCode();

        static string Rotate(string keyId) => $"/api/admin/api-keys/{keyId}/rotate";
    }

    [Fact]
    public async Task Nobody_but_an_administrator_gets_by_rotation_a_key_of_another_member()
    {
        await server.ExecuteSqlAsync(
            $"insert into members select gen_random_uuid(), id, 'carol@example.com', '', '', 'admin', now() from organizations where slug = 'default'");
        var writer = await server.CreateKeyAsync("api-keys:write", "incidents:read");
        var admin = await server.CreateKeyAsync(new { name = "Administrator", roles = new[] { "admin" } });
        var another = await server.CreateKeyAsync(new { name = "Theirs", scopes = new[] { "api-keys:write" }, owner = "carol@example.com" });
        using var asWriter = server.CreateClient(writer.Value);
        using var asAdmin = server.CreateClient(admin.Value);

        await asWriter.PostAsJsonAsync($"/api/admin/api-keys/{another.KeyId}/rotate", new { }).ShouldBeProblemAsync(
            403, "scope_escalation", "Only administrators may make or rotate a key that belongs to another member.");
        (await asAdmin.PostAsJsonAsync($"/api/admin/api-keys/{another.KeyId}/rotate", new { })).EnsureSuccessStatusCode();
    }
}
