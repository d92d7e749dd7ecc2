using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Organizations;

public sealed class PlanLimitTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Keys = "/api/admin/api-keys";

    [Theory]
    [InlineData("hobby", 0)]
    [InlineData("starter", 1)]
    [InlineData("pro", 5)]
    [InlineData("ultra", 10)]
    public async Task A_plan_allows_so_many_keys_and_no_more(string plan, int limit)
    {
        await server.AddOrganizationAsync(plan, plan);
        for (var i = 0; i < limit; i++)
            await server.CreateKeyAsync(Product(plan));

        await CreateAsync(plan).ShouldBeProblemAsync(
            403, "plan_limit_reached",
            $"The plan '{plan}' allows {limit} active API {(limit == 1 ? "key" : "keys")}, and the organization has as many. "
            + "Revoke one that is no longer used, or ask an operator for another plan.");
        Assert.Equal($$"""{"active":{{limit}},"limit":{{limit}}}""", await CountAsync(plan));
    }

    [Fact]
    public async Task Enterprise_has_no_limit()
    {
        await server.AddOrganizationAsync("big");
        for (var i = 0; i < 12; i++)
            await server.CreateKeyAsync(Product("big"));

        Assert.Equal("""{"active":12,"limit":null}""", await CountAsync("big"));
    }

    /// <summary>Exact under concurrency: with room for N, of N + 50 that come at once N are made.</summary>
    [Theory]
    [InlineData("ultra", 10)]
    [InlineData("starter", 1)]
    public async Task Of_many_at_once_exactly_as_many_as_the_plan_allows_are_made(string plan, int limit)
    {
        var slug = $"race-{plan}";
        await server.AddOrganizationAsync(slug, plan);

        var answers = await Task.WhenAll(Enumerable.Range(0, limit + 50).Select(_ => Task.Run(() => CreateAsync(slug))));

        Assert.Equal(limit, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        foreach (var refused in answers.Where(answer => answer.StatusCode != HttpStatusCode.Created))
            await refused.ShouldBeProblemAsync(403, "plan_limit_reached");

        Assert.Equal($$"""{"active":{{limit}},"limit":{{limit}}}""", await CountAsync(slug));
    }

    [Fact]
    public async Task Only_active_keys_without_a_management_scope_count()
    {
        await server.AddOrganizationAsync("counted", "pro");
        await server.AddAdministratorAsync("counted");
        await server.CreateKeyAsync(new { name = "Reads keys", scopes = new[] { "api-keys:read", "search:read" }, organization = "counted", owner = "boss@counted.example" });
        await server.CreateKeyAsync(new { name = "Verifies", scopes = new[] { "api-keys:verify" }, organization = "counted" });
        await server.CreateKeyAsync(new { name = "Expires", scopes = new[] { "search:read" }, organization = "counted", expires_in_days = 1 });
        var (revoked, disabled) = (await server.CreateKeyAsync(Product("counted")), await server.CreateKeyAsync(Product("counted")));
        Assert.Equal("""{"active":4,"limit":5}""", await CountAsync("counted"));

        await server.RevokeAsync(revoked.KeyId);
        await server.EditAsync(disabled.KeyId, new { enabled = false });
        server.Clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal("""{"active":1,"limit":5}""", await CountAsync("counted"));
    }

    [Fact]
    public async Task A_key_cannot_come_back_where_the_plan_has_no_room_left()
    {
        await server.AddOrganizationAsync("back", "starter");
        var admin = await server.AddAdministratorAsync("back");
        var expired = await server.CreateKeyAsync(new { name = "A", scopes = new[] { "search:read" }, organization = "back", expires_in_days = 1 });
        server.Clock.Advance(TimeSpan.FromDays(1));
        var disabled = await server.CreateKeyAsync(Product("back"));
        await server.EditAsync(disabled.KeyId, new { enabled = false });
        await server.CreateKeyAsync(Product("back"));

        await server.PatchAsync(disabled.KeyId, new { enabled = true }).ShouldBeProblemAsync(403, "plan_limit_reached");
        await server.PatchAsync(expired.KeyId, new { expires_in_days = 30 }).ShouldBeProblemAsync(403, "plan_limit_reached");
        await server.Operator.PostAsJsonAsync($"{Keys}/{expired.KeyId}/rotate", new { expires_in_days = 30 })
            .ShouldBeProblemAsync(403, "plan_limit_reached");
        await server.PatchAsync(admin.KeyId, new { scopes = new[] { "search:read" }, roles = Array.Empty<string>() })
            .ShouldBeProblemAsync(403, "plan_limit_reached");

        Assert.Equal("disabled", (await server.GetKeyAsync(disabled.KeyId)).Text("status"));
        Assert.Equal("expired", (await server.GetKeyAsync(expired.KeyId)).Text("status"));
        Assert.Equal("admin", (await server.GetKeyAsync(admin.KeyId)).Texts("roles").Single());
        Assert.Equal("""{"active":1,"limit":1}""", await CountAsync("back"));
    }

    [Fact]
    public async Task A_lower_plan_keeps_the_keys_that_there_are_and_refuses_new_ones()
    {
        await server.AddOrganizationAsync("lowered", "pro");
        var keys = new[] { await server.CreateKeyAsync(Product("lowered")), await server.CreateKeyAsync(Product("lowered")) };

        Assert.Equal("""{"active":2,"limit":1}""", (await server.EditOrganizationAsync("lowered", new { plan = "starter" })).GetProperty("keys").GetRawText());

        await CreateAsync("lowered").ShouldBeProblemAsync(403, "plan_limit_reached");
        foreach (var key in keys)
            await server.CallAsync(key.Value, "/api/v1/search").ShouldBeAcceptedAsync();

        await server.RotateAsync(keys[0].KeyId); // no new key
        await server.RevokeAsync(keys[0].KeyId);
        await CreateAsync("lowered").ShouldBeProblemAsync(403, "plan_limit_reached");
        await server.RevokeAsync(keys[1].KeyId);
        Assert.Equal(HttpStatusCode.Created, (await CreateAsync("lowered")).StatusCode);
    }

    [Fact]
    public async Task A_plan_that_the_catalog_no_longer_has_allows_no_new_key()
    {
        await server.AddOrganizationAsync("orphan", "pro");
        await server.ExecuteSqlAsync($"update organizations set plan = 'gold' where slug = 'orphan'");

        await CreateAsync("orphan").ShouldBeProblemAsync(
            403, "plan_limit_reached", "The organization's plan 'gold' is not in the catalog, and allows no new API key. Ask an operator for another plan.");
        Assert.Equal("""{"active":0,"limit":0}""", await CountAsync("orphan"));
    }

    private Task<HttpResponseMessage> CreateAsync(string organization) => server.Operator.PostAsJsonAsync(Keys, Product(organization));

    private async Task<string> CountAsync(string organization)
    {
        var answer = await server.Operator.GetFromJsonAsync<JsonElement>($"/api/admin/organizations/{organization}");
        return answer.GetProperty("keys").GetRawText();
    }

    private static object Product(string organization) => new { name = "A key", scopes = new[] { "search:read" }, organization };
}
