using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Keys;

/// <summary>Nobody gets by creating or rotating a key more than he has.</summary>
public sealed class GrantTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Path = "/api/admin/api-keys";

    [Fact]
    public async Task Only_administrators_name_another_owner()
    {
        await server.AddMemberAsync("bob@example.com");
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
        await server.AddMemberAsync("carol@example.com", "admin");
        var writer = await server.CreateKeyAsync("api-keys:write", "incidents:read");
        var admin = await server.CreateKeyAsync(new { name = "Administrator", roles = new[] { "admin" } });
        var another = await server.CreateKeyAsync(new { name = "Theirs", scopes = new[] { "api-keys:write" }, owner = "carol@example.com" });
        using var asWriter = server.CreateClient(writer.Value);
        using var asAdmin = server.CreateClient(admin.Value);

        await asWriter.PostAsJsonAsync($"/api/admin/api-keys/{another.KeyId}/rotate", new { }).ShouldBeProblemAsync(
            403, "scope_escalation", "Only administrators may make or rotate a key that belongs to another member.");
        (await asAdmin.PostAsJsonAsync($"/api/admin/api-keys/{another.KeyId}/rotate", new { })).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Nobody_adds_by_an_edit_what_he_could_not_grant()
    {
        var writer = await server.CreateKeyAsync("api-keys:write", "incidents:read");
        var product = await server.CreateKeyAsync("incidents:read");
        using var asWriter = server.CreateClient(writer.Value);

        await asWriter.PatchAsync(At(product), new { scopes = new[] { "incidents:read", "search:read" } }).ShouldBeProblemAsync(
            403, "scope_escalation", "You cannot grant what your own API key does not hold: search:read.");
        await asWriter.PatchAsync(At(product), new { roles = new[] { "admin" } }).ShouldBeProblemAsync(403, "scope_escalation");
        await asWriter.PatchAsync(At(writer), new { roles = new[] { "operator" } }).ShouldBeProblemAsync(403, "scope_escalation");
        await asWriter.PatchAsync(At(product), new { name = "Renamed" }).ShouldBeAcceptedAsync();
    }

    /// <summary>A key that may do more than the caller can be cut by him, but not be made to do more, or for longer.</summary>
    [Fact]
    public async Task A_key_that_may_do_more_can_be_cut_but_not_widened()
    {
        var writer = await server.CreateKeyAsync("api-keys:write");
        var more = await server.CreateKeyAsync(new
        {
            name = "More",
            scopes = new[] { "incidents:read", "search:read" },
            expires_in_days = 10,
            allowed_ips = new[] { "203.0.113.7" },
        });
        using var asWriter = server.CreateClient(writer.Value);

        foreach (var cut in new object[] { new { scopes = new[] { "search:read" } }, new { expires_in_days = 5 }, new { enabled = false } })
            await asWriter.PatchAsync(At(more), cut).ShouldBeAcceptedAsync();

        foreach (var widened in new object[]
        {
            new { enabled = true }, new { expires_in_days = 50 }, new { expires_in_days = (int?)null }, new { allowed_ips = Array.Empty<string>() },
            new { rate_limit = new { requests = 1, window_seconds = 1 } }, new { metadata = new { tenant = "another" } },
        })
        {
            await asWriter.PatchAsync(At(more), widened).ShouldBeProblemAsync(403, "scope_escalation");
        }
    }

    [Fact]
    public async Task What_a_members_key_cannot_hold_is_not_added_to_it_either()
    {
        await server.AddMemberAsync("limited@example.com");
        var theirs = await server.CreateKeyAsync(new { name = "Theirs", scopes = new[] { "api-keys:read" }, owner = "limited@example.com" });
        var nobodys = await server.CreateKeyAsync(new { name = "Nobody's", scopes = new[] { "search:read" } });
        await server.ExecuteSqlAsync($"update api_keys set owner_id = null where key_id = {nobodys.KeyId}");

        await server.PatchAsync(theirs.KeyId, new { roles = new[] { "admin" } }).ShouldBeInvalidAsync("scopes");
        await server.PatchAsync(nobodys.KeyId, new { scopes = new[] { "api-keys:read" } }).ShouldBeInvalidAsync("scopes");
    }

    /// <summary>Whatever wrote it to the table.</summary>
    [Fact]
    public async Task A_management_scope_counts_for_nothing_on_a_key_that_nobody_owns()
    {
        var key = await server.CreateKeyAsync("api-keys:read", "incidents:read");
        await server.ExecuteSqlAsync($"update api_keys set owner_id = null where key_id = {key.KeyId}");

        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
        await server.CallAsync(key.Value, Path).ShouldBeProblemAsync(
            403, "insufficient_scope", challenge: "Bearer error=\"insufficient_scope\", scope=\"api-keys:read\"");
    }

    /// <summary>The Greek mu and the micro sign are one letter to some, and two members to us.</summary>
    [Fact]
    public async Task Letters_that_look_alike_are_not_the_same_member()
    {
        await server.AddMemberAsync("\u03bcaria@example.com", "admin");
        await server.AddMemberAsync("\u00b5aria@example.com");
        var writer = await server.CreateKeyAsync(new { name = "A", scopes = new[] { "api-keys:write" }, owner = "\u00b5aria@example.com" });
        using var asWriter = server.CreateClient(writer.Value);

        await asWriter.PostAsJsonAsync(Path, new { name = "A", scopes = new[] { "api-keys:write" }, owner = "\u03bcaria@example.com" })
            .ShouldBeProblemAsync(403, "scope_escalation");
    }

    /// <summary>It may come back, and the value with it.</summary>
    [Theory]
    [InlineData("scopes", "gone:admin")]
    [InlineData("roles", "gone")]
    public async Task What_the_catalog_has_forgotten_is_nothing_to_get_by_rotation_or_to_widen(string column, string name)
    {
        var writer = await server.CreateKeyAsync("api-keys:write", "incidents:read");
        var admin = await server.CreateKeyAsync(new { name = "Administrator", roles = new[] { "admin" } });
        var key = await server.CreateKeyAsync("incidents:read");
        await server.ExecuteSqlAsync(FormattableStringFactory.Create(
            $"update api_keys set {column} = {column} || {{0}} where key_id = {{1}}", new[] { name }, key.KeyId));
        using var asWriter = server.CreateClient(writer.Value);
        using var asAdmin = server.CreateClient(admin.Value);

        await asWriter.PostAsJsonAsync($"{At(key)}/rotate", new { }).ShouldBeProblemAsync(
            403, "scope_escalation", $"You cannot grant what your own API key does not hold: {name}.");
        await asWriter.PatchAsync(At(key), new { expires_in_days = (int?)null }).ShouldBeProblemAsync(403, "scope_escalation");
        await asWriter.PatchAsync(At(key), new { scopes = new[] { "incidents:read" }, roles = Array.Empty<string>() }).ShouldBeAcceptedAsync();
        await server.ExecuteSqlAsync(FormattableStringFactory.Create(
            $"update api_keys set {column} = {column} || {{0}} where key_id = {{1}}", new[] { name }, key.KeyId));
        using var byAdmin = await asAdmin.PostAsJsonAsync($"{At(key)}/rotate", new { });
        Assert.Equal(column == "scopes" ? 200 : 403, (int)byAdmin.StatusCode);
        await server.RotateAsync(key.KeyId);
    }

    private static string At(IssuedKey key) => $"{Path}/{key.KeyId}";
}
