using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Members;

public sealed class MemberTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Path = "/api/admin/members";

    [Fact]
    public async Task A_member_is_added_listed_and_edited()
    {
        using var created = await server.Operator.PostAsJsonAsync(
            Path, new { email = "Dora@Example.com", firstname = " Dora ", lastname = "Doe", role = "member" });
        var member = await created.ReadJsonAsync(201);
        Assert.Equal(
            $$"""{"id":"{{member.Text("id")}}","email":"dora@example.com","firstname":"Dora","lastname":"Doe","role":"member","organization":"default","created_at":"{{member.Text("created_at")}}"}""",
            member.GetRawText());

        using var edited = await server.Operator.PatchAsync($"{Path}/{member.Text("id")}", new { lastname = (string?)null, role = "admin" });

        Assert.Equal(("Dora", "", "admin"), await NamesAsync(edited));
        Assert.Equal("admin", (await server.Operator.GetFromJsonAsync<JsonElement>(created.Headers.Location)).Text("role"));
        var listed = await server.Operator.GetFromJsonAsync<JsonElement>($"{Path}?limit=200");
        Assert.Contains(listed.GetProperty("members").EnumerateArray(), row => row.Text("id") == member.Text("id") && row.Text("role") == "admin");
        Assert.Equal(
            """{"lastname":{"from":"Doe","to":""},"role":{"from":"member","to":"admin"}}""",
            (await server.DoneAsync("?action=member.updated"))[0].GetProperty("changes").GetRawText());
    }

    [Fact]
    public async Task An_administration_key_acts_for_its_member()
    {
        await server.AddMemberAsync("carol@example.com", "admin");
        var carols = await server.CreateKeyAsync(new { name = "Carol's", roles = new[] { "admin" }, owner = "carol@example.com" });
        using var asCarol = server.CreateClient(carols.Value);

        using var created = await asCarol.PostAsJsonAsync("/api/admin/api-keys", new { name = "A", scopes = new[] { "incidents:read" } });
        var key = await created.ReadJsonAsync(201);

        Assert.Equal(("carol@example.com", "carol@example.com"), (key.Text("created_by"), key.Text("owner")));
        var actor = (await server.AuditAsync($"?key_id={key.Text("key_id")}"))[0].GetProperty("actor");
        Assert.Equal((carols.KeyId, "carol@example.com"), (actor.Text("key_id"), actor.Text("member")));
    }

    [Fact]
    public async Task Removing_a_member_revokes_the_administration_keys_he_owns_and_leaves_integrations_alone()
    {
        var id = await server.AddMemberAsync("leaver@example.com", "admin");
        var admin = await server.CreateKeyAsync(new { name = "Admin", roles = new[] { "admin" }, owner = "leaver@example.com" });
        var reader = await server.CreateKeyAsync(new { name = "Reader", scopes = new[] { "api-keys:read" }, owner = "leaver@example.com" });
        var integration = await server.CreateKeyAsync(new { name = "CI", scopes = new[] { "incidents:read" }, owner = "leaver@example.com" });

        server.Clock.Advance(TimeSpan.FromSeconds(1));
        using var removed = await server.Operator.DeleteAsync($"{Path}/{id}");

        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        await server.CallAsync(admin.Value, "/api/admin/api-keys").ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);
        await server.CallAsync(reader.Value, "/api/admin/api-keys").ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);
        await server.CallAsync(integration.Value).ShouldBeAcceptedAsync();
        Assert.Equal(
            """{"owner":{"from":"leaver@example.com","to":null}}""",
            (await server.DoneAsync($"?key_id={integration.KeyId}"))[0].GetProperty("changes").GetRawText());
        var row = await server.GetKeyAsync(integration.KeyId);
        Assert.Equal((null, "active"), (row.Text("owner"), row.Text("status")));
        Assert.Equal(
            ["key.revoked", "key.revoked", "key.updated", "member.removed"],
            (await server.DoneAsync()).Take(4).Select(e => e.Text("action")).Order());
        await server.Operator.DeleteAsync($"{Path}/{id}").ShouldBeProblemAsync(404, "not_found");

        await server.AddMemberAsync("leaver@example.com"); // may come back, and nothing with him
        await server.CallAsync(admin.Value, "/api/admin/api-keys").ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);
    }

    [Fact]
    public async Task The_last_administrator_of_an_organization_stays()
    {
        await server.AddOrganizationAsync("lonely");
        var first = await server.AddMemberAsync("one@lonely.example", "admin", "lonely");
        await server.AddMemberAsync("none@lonely.example", "member", "lonely");

        await server.Operator.DeleteAsync($"{Path}/{first}").ShouldBeProblemAsync(
            409, "conflict", "This is the last administrator of the organization. Make another member an administrator first.");
        await server.Operator.PatchAsync($"{Path}/{first}", new { role = "member" }).ShouldBeProblemAsync(409, "conflict");

        await server.AddMemberAsync("two@lonely.example", "admin", "lonely");
        Assert.Equal(HttpStatusCode.NoContent, (await server.Operator.DeleteAsync($"{Path}/{first}")).StatusCode);
    }

    [Fact]
    public async Task Of_administrators_who_remove_each_other_at_the_same_moment_one_stays()
    {
        await server.AddOrganizationAsync("duel");
        var ids = new List<string>();
        for (var i = 0; i < 8; i++)
            ids.Add(await server.AddMemberAsync($"{i}@duel.example", "admin", "duel"));

        var answers = await Task.WhenAll(ids.Select(id => Task.Run(() => server.Operator.DeleteAsync($"{Path}/{id}"))));

        Assert.Equal(7, answers.Count(answer => answer.StatusCode == HttpStatusCode.NoContent));
        await Assert.Single(answers, answer => answer.StatusCode != HttpStatusCode.NoContent).ShouldBeProblemAsync(409, "conflict");
    }

    [Fact]
    public async Task What_only_administrators_hold_a_key_loses_when_its_member_is_one_no_longer()
    {
        var id = await server.AddMemberAsync("demoted@example.com", "admin");
        var key = await server.CreateKeyAsync(new { name = "Admin", roles = new[] { "operator" }, owner = "demoted@example.com" });
        await server.CallAsync(key.Value, "/api/admin/organizations").ShouldBeAcceptedAsync();

        (await server.Operator.PatchAsync($"{Path}/{id}", new { role = "member" })).EnsureSuccessStatusCode();

        await server.CallAsync(key.Value, "/api/admin/organizations").ShouldBeProblemAsync(
            403, "insufficient_scope", "API key does not have the required scope: organizations:read",
            "Bearer error=\"insufficient_scope\", scope=\"organizations:read\"");
        using var client = server.CreateClient(key.Value);
        await client.PostAsJsonAsync(Path, new { email = "a@example.com" }).ShouldBeProblemAsync(
            403, "insufficient_scope", challenge: "Bearer error=\"insufficient_scope\", scope=\"members:write\"");
        await client.PostAsJsonAsync("/api/admin/api-keys", new { name = "A", scopes = new[] { "search:read" } })
            .ShouldBeProblemAsync(403, "scope_escalation");
        await server.CallAsync(key.Value, "/api/admin/api-keys").ShouldBeAcceptedAsync();

        (await server.Operator.PatchAsync($"{Path}/{id}", new { role = "admin" })).EnsureSuccessStatusCode();
        await server.CallAsync(key.Value, "/api/admin/organizations").ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task Only_administrators_own_keys_with_scopes_for_administrators()
    {
        await server.AddMemberAsync("plain@example.com");

        var refused = await server.Operator
            .PostAsJsonAsync("/api/admin/api-keys", new { name = "A", roles = new[] { "admin" }, owner = "plain@example.com" })
            .ShouldBeProblemAsync(400, "validation_failed");

        Assert.Equal(
            "is not an administrator, and only an administrator's key can hold members:write.",
            refused.GetProperty("errors").GetProperty("owner")[0].GetString());
        await server.CreateKeyAsync(new { name = "A", scopes = new[] { "api-keys:read", "audit:read" }, owner = "plain@example.com" });
    }

    [Fact]
    public async Task Only_administrators_make_administrators()
    {
        var key = await server.CreateKeyAsync(new { name = "Members", scopes = new[] { "members:write" } });
        var id = await server.AddMemberAsync("rising@example.com");
        using var client = server.CreateClient(key.Value);

        await client.PostAsJsonAsync(Path, new { email = "new@example.com", role = "admin" }).ShouldBeProblemAsync(
            403, "scope_escalation", "Only administrators may make somebody an administrator.");
        await client.PatchAsync($"{Path}/{id}", new { role = "admin" }).ShouldBeProblemAsync(403, "scope_escalation");
        Assert.Equal(HttpStatusCode.Created, (await client.PostAsJsonAsync(Path, new { email = "new@example.com" })).StatusCode);
    }

    [Fact]
    public async Task An_administrator_sees_the_members_of_his_own_organization_alone()
    {
        await server.AddOrganizationAsync("other");
        using var client = server.CreateClient((await server.AddAdministratorAsync("other")).Value);
        var ours = await server.AddMemberAsync("ours@example.com");

        var listed = await client.GetFromJsonAsync<JsonElement>(Path);

        Assert.Equal(["boss@other.example"], listed.GetProperty("members").EnumerateArray().Select(row => row.Text("email")));
        await client.PatchAsync($"{Path}/{ours}", new { firstname = "A" }).ShouldBeProblemAsync(404, "not_found");
        await client.DeleteAsync($"{Path}/{ours}").ShouldBeProblemAsync(404, "not_found");
        await client.GetAsync($"{Path}?organization=default").ShouldBeProblemAsync(403, "scope_escalation");
        await client.PostAsJsonAsync(Path, new { email = "a@b", organization = "default" }).ShouldBeProblemAsync(403, "scope_escalation");
        Assert.Single((await server.Operator.GetFromJsonAsync<JsonElement>($"{Path}?organization=other")).GetProperty("members").EnumerateArray());
    }

    [Fact]
    public async Task Nobody_is_a_member_twice()
    {
        await server.AddMemberAsync("twin@example.com");

        await server.Operator.PostAsJsonAsync(Path, new { email = "TWIN@example.com" }).ShouldBeProblemAsync(
            409, "conflict", "There is a member with this email in the organization already. Edit that one.");
        await server.AddOrganizationAsync("elsewhere");
        await server.AddMemberAsync("twin@example.com", organization: "elsewhere");
    }

    [Theory]
    [InlineData("""{}""", "email")]
    [InlineData("""{"email": "nobody"}""", "email")]
    [InlineData("""{"email": "a@b\u0000"}""", "email")]
    [InlineData("""{"email": "a b@c"}""", "email")]
    [InlineData("""{"email": "a\u200b@c"}""", "email")]
    [InlineData("""{"email": "a@b", "role": "ADMIN"}""", "role")]
    [InlineData("""{"email": "a@b", "role": "admin, member"}""", "role")]
    [InlineData("""{"email": "a@b", "role": 0}""", "role")]
    [InlineData("""{"email": "a@b", "firstname": "a\nb"}""", "firstname")]
    [InlineData("""{"email": "a@b", "role": "owner"}""", "role")]
    [InlineData("""{"email": "a@b", "role": null}""", "role")]
    [InlineData("""{"email": "a@b", "organization": "nowhere"}""", "organization")]
    [InlineData("""{"email": "a@b", "id": "0198f0c2-0000-7000-8000-000000000000"}""", "id")]
    public async Task A_bad_member_is_refused(string body, string field) =>
        await server.Operator.PostAsync(Path, Body.Json(body)).ShouldBeInvalidAsync(field);

    [Fact]
    public async Task An_email_stays_for_ever()
    {
        var id = await server.AddMemberAsync("stays@example.com");

        await server.Operator.PatchAsync($"{Path}/{id}", new { email = "else@example.com" }).ShouldBeInvalidAsync("email");
        await server.Operator.PatchAsync($"{Path}/{id}", new { role = (string?)null }).ShouldBeInvalidAsync("role");
        await server.Operator.PatchAsync($"{Path}/not-an-id", new { firstname = "A" }).ShouldBeInvalidAsync("id");
        await server.Operator.DeleteAsync($"{Path}/{Guid.Empty}").ShouldBeProblemAsync(404, "not_found");
    }

    private static async Task<(string?, string?, string?)> NamesAsync(HttpResponseMessage response)
    {
        var member = await response.ReadJsonAsync(200);
        return (member.Text("firstname"), member.Text("lastname"), member.Text("role"));
    }
}
