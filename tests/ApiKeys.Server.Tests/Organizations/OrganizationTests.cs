using System.Net.Http.Json;
using System.Text.Json;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Organizations;

public sealed class OrganizationTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Path = "/api/admin/organizations";

    [Fact]
    public async Task An_organization_is_made_read_and_edited()
    {
        using var created = await server.Operator.PostAsJsonAsync(Path, new { slug = "acme", name = "  ACME Security ", plan = "pro" });
        var organization = await created.ReadJsonAsync(201);
        Assert.Equal($"{Path}/acme", created.Headers.Location!.ToString());
        Assert.Equal(
            $$$"""{"slug":"acme","name":"ACME Security","plan":"pro","suspended":false,"rate_limit":null,"created_at":"{{{organization.Text("created_at")}}}","keys":{"active":0,"limit":5}}""",
            organization.GetRawText());
        server.Clock.Advance(TimeSpan.FromSeconds(1));

        var edited = await server.EditOrganizationAsync("acme", new { name = "ACME" });

        Assert.Equal(("ACME", "pro"), (edited.Text("name"), edited.Text("plan")));
        Assert.Equal(edited.GetRawText(), (await server.Operator.GetFromJsonAsync<JsonElement>($"{Path}/acme")).GetRawText());
        Assert.Equal(["organization.updated", "organization.created"], (await server.DoneAsync()).Take(2).Select(e => e.Text("action")));
        Assert.Equal("""{"name":{"from":"ACME Security","to":"ACME"}}""", (await server.DoneAsync())[0].GetProperty("changes").GetRawText());
    }

    [Fact]
    public async Task Suspending_ends_the_use_of_all_keys_at_once_and_resuming_brings_them_back()
    {
        await server.AddOrganizationAsync("paused");
        var admin = await server.AddAdministratorAsync("paused");
        var key = await server.CreateKeyAsync(new { name = "A", scopes = new[] { "incidents:read" }, organization = "paused" });
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();

        Assert.True((await server.EditOrganizationAsync("paused", new { suspended = true })).GetProperty("suspended").GetBoolean());

        await server.CallAsync(key.Value).ShouldBeProblemAsync(
            401, "disabled_key", "The organization that the API key belongs to is suspended. Ask the operator of this service to resume it.",
            Answers.InvalidToken);
        await server.CallAsync(admin.Value, "/api/admin/api-keys").ShouldBeProblemAsync(401, "disabled_key", challenge: Answers.InvalidToken);
        await server.CallAsync(key.Value[..^1] + "x").ShouldBeInvalidKeyAsync();
        Assert.Equal("active", (await server.GetKeyAsync(key.KeyId)).Text("status"));

        await server.EditOrganizationAsync("paused", new { suspended = false });
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task The_organization_of_the_operators_cannot_be_suspended() =>
        await server.Operator.PatchAsync($"{Path}/default", new { suspended = true }).ShouldBeProblemAsync(409, "conflict");

    [Fact]
    public async Task Editing_nothing_is_no_event()
    {
        await server.AddOrganizationAsync("idle", "pro");
        var before = (await server.DoneAsync()).Count;

        await server.EditOrganizationAsync("idle", new { plan = "pro" });

        Assert.Equal(before, (await server.DoneAsync()).Count);
    }

    [Fact]
    public async Task Two_at_once_with_the_same_slug_are_one()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            () => server.Operator.PostAsJsonAsync(Path, new { slug = "twice", name = $"Twice {i}", plan = "pro" }))));

        Assert.Single(answers, answer => (int)answer.StatusCode == 201);
        foreach (var refused in answers.Where(answer => (int)answer.StatusCode != 201))
            await refused.ShouldBeProblemAsync(409, "conflict");
    }

    [Fact]
    public async Task The_list_goes_newest_first_a_page_at_a_time()
    {
        foreach (var slug in new[] { "page-1", "page-2", "page-3" })
        {
            server.Clock.Advance(TimeSpan.FromSeconds(1));
            await server.AddOrganizationAsync(slug, "starter");
        }

        var first = await server.Operator.GetFromJsonAsync<JsonElement>($"{Path}?limit=2");
        var second = await server.Operator.GetFromJsonAsync<JsonElement>($"{Path}?limit=1&cursor={first.Text("next_cursor")}");

        Assert.Equal(["page-3", "page-2"], first.GetProperty("organizations").EnumerateArray().Select(o => o.Text("slug")));
        Assert.Equal("page-1", second.GetProperty("organizations")[0].Text("slug"));
        Assert.Equal("""{"active":0,"limit":1}""", second.GetProperty("organizations")[0].GetProperty("keys").GetRawText());
    }

    [Theory]
    [InlineData("""{"name": "A", "plan": "pro"}""", "slug")]
    [InlineData("""{"slug": "-a", "name": "A", "plan": "pro"}""", "slug")]
    [InlineData("""{"slug": "A", "name": "A", "plan": "pro"}""", "slug")]
    [InlineData("""{"slug": "a--b", "name": "A", "plan": "pro"}""", "slug")]
    [InlineData("""{"slug": "a\u0000", "name": "A", "plan": "pro"}""", "slug")]
    [InlineData("""{"slug": "a", "plan": "pro"}""", "name")]
    [InlineData("""{"slug": "a", "name": " ", "plan": "pro"}""", "name")]
    [InlineData("""{"slug": "a", "name": "A"}""", "plan")]
    [InlineData("""{"slug": "a", "name": "A", "plan": "gold"}""", "plan")]
    [InlineData("""{"slug": "a", "name": "A", "plan": "pro", "keys": {}}""", "keys")]
    [InlineData("""{"slug": "a", "name": "A", "plan": "pro", "created_at": null}""", "created_at")]
    public async Task A_bad_organization_is_refused(string body, string field) =>
        await server.Operator.PostAsync(Path, Body.Json(body)).ShouldBeInvalidAsync(field);

    [Theory]
    [InlineData("""{"name": null}""", "name")]
    [InlineData("""{"plan": null}""", "plan")]
    [InlineData("""{"plan": "gold"}""", "plan")]
    [InlineData("""{"suspended": null}""", "suspended")]
    [InlineData("""{"suspended": "yes"}""", "suspended")]
    [InlineData("""{"slug": "other"}""", "slug")]
    public async Task A_bad_edit_is_refused(string body, string field) =>
        await server.Operator.PatchAsync($"{Path}/default", Body.Json(body)).ShouldBeInvalidAsync(field);

    [Theory]
    [InlineData("nobody")]
    [InlineData("NOBODY")]
    [InlineData("a%0Ab")]
    public async Task An_unknown_organization_is_not_found(string slug)
    {
        await server.Operator.GetAsync($"{Path}/{slug}").ShouldBeProblemAsync(404, "not_found");
        await server.Operator.PatchAsync($"{Path}/{slug}", new { name = "A" }).ShouldBeProblemAsync(404, "not_found");
    }
}
