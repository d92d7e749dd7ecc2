using System.Net.Http.Json;
using System.Text.Json;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Keys;

public sealed class ListKeysTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Pages_go_newest_first_and_stay_right_while_keys_are_made()
    {
        var made = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            made.Add((await server.CreateKeyAsync(Named($"paged {i}"))).KeyId);
            if (i % 2 == 0) // some at the very same millisecond
                server.Clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        var first = await server.ListAsync("?search=paged&limit=2");
        await server.CreateKeyAsync(Named("paged, but later"));
        var second = await server.ListAsync($"?search=paged&limit=2&cursor={first.Text("next_cursor")}");
        var third = await server.ListAsync($"?search=paged&limit=2&cursor={second.Text("next_cursor")}");

        var listed = Ids(first).Concat(Ids(second)).Concat(Ids(third)).ToList();
        Assert.Equal(made[3..].Order(), listed[..2].Order());
        Assert.Equal(made[1..3].Order(), listed[2..4].Order());
        Assert.Equal([made[0]], listed[4..]);
        Assert.Equal(5, first.GetProperty("total").GetInt32());
        Assert.Equal(6, second.GetProperty("total").GetInt32());
        Assert.Null(third.Text("next_cursor"));
        Assert.False(first.TryGetProperty("total_is_lower_bound", out _));
    }

    [Fact]
    public async Task A_row_is_what_creating_the_key_answered_without_the_value()
    {
        var key = await server.CreateKeyAsync(new { name = "Row for row", description = "to the last byte", scopes = new[] { "incidents:read" } });

        var row = (await server.ListAsync($"?search={key.KeyId}")).GetProperty("api_keys")[0];

        var expected = key.Answer!.Value.EnumerateObject().Where(m => m.Name is not ("api_key" or "header_name"));
        Assert.Equal(
            expected.ToDictionary(m => m.Name, m => m.Value.GetRawText()),
            row.EnumerateObject().ToDictionary(m => m.Name, m => m.Value.GetRawText()));
    }

    [Theory]
    [InlineData("NEEDLE", true)]
    [InlineData("a%_\\z", true)]
    [InlineData("%", true)]
    [InlineData("haystack with%", false)]
    [InlineData("h_ystack", false)]
    [InlineData("grüße", true)]
    [InlineData("described here", true)]
    [InlineData("   needle   ", true)]
    [InlineData("needle\tneedle", null)]
    public async Task A_search_is_a_substring_in_any_case_and_no_pattern(string search, bool? isFound)
    {
        var key = await server.CreateKeyAsync(new
        {
            name = $"Haystack with Needle, GRÜSSE Grüße {Guid.CreateVersion7(server.Clock.GetUtcNow()):N}",
            description = "A%_\\z is Described Here",
            scopes = new[] { "incidents:read" },
        });
        var request = server.Operator.GetAsync($"/api/admin/api-keys?search={Uri.EscapeDataString(search)}");

        if (isFound is null)
            await request.ShouldBeInvalidAsync("search");
        else
            Assert.Equal(isFound, Ids(await (await request).ReadJsonAsync(200)).Contains(key.KeyId));
    }

    [Fact]
    public async Task A_search_finds_a_key_id()
    {
        var key = await server.CreateKeyAsync();

        Assert.Equal([key.KeyId], Ids(await server.ListAsync($"?search={key.KeyId.ToUpperInvariant()}")));
    }

    [Fact]
    public async Task Every_filter_agrees_with_the_status_that_the_row_shows()
    {
        var active = await server.CreateKeyAsync(Named("status"));
        var expired = await server.CreateKeyAsync(new { name = "status", scopes = new[] { "incidents:read" }, expires_in_days = 1 });
        var everlasting = await server.CreateKeyAsync(new { name = "status", scopes = new[] { "incidents:read" }, expires_in_days = (int?)null });
        var disabled = await server.CreateKeyAsync(Named("status"));
        var revoked = await server.CreateKeyAsync(Named("status"));
        var everything = await server.CreateKeyAsync(new { name = "status", scopes = new[] { "incidents:read" }, expires_in_days = 1 });
        await server.ExecuteSqlAsync($"update api_keys set enabled = false where key_id in ({disabled.KeyId}, {everything.KeyId})");
        await server.RevokeAsync(revoked.KeyId);
        server.Clock.Advance(TimeSpan.FromDays(1));

        await AssertFilterAsync("active", active, everlasting);
        await AssertFilterAsync("expired", expired, everything);
        await AssertFilterAsync("disabled", disabled);
        await AssertFilterAsync("revoked", revoked);
        Assert.Equal(6, (await server.ListAsync("?search=status&status=all")).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task An_administrator_sees_the_keys_of_his_own_organization_alone()
    {
        await server.AddOrganizationAsync("other");
        var other = await server.AddAdministratorAsync("other");
        using var client = server.CreateClient(other.Value);
        var mine = await server.CreateKeyAsync();

        var listed = await (await client.GetAsync("/api/admin/api-keys")).ReadJsonAsync(200);

        Assert.Equal([other.KeyId], Ids(listed));
        Assert.Equal(1, listed.GetProperty("total").GetInt32());
        await client.GetAsync($"/api/admin/api-keys/{mine.KeyId}").ShouldBeProblemAsync(404, "not_found");
        await client.DeleteAsync($"/api/admin/api-keys/{mine.KeyId}").ShouldBeProblemAsync(404, "not_found");
        await client.PostAsJsonAsync($"/api/admin/api-keys/{mine.KeyId}/rotate", new { }).ShouldBeProblemAsync(404, "not_found");
        await server.CallAsync(mine.Value).ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task An_operator_names_an_organization()
    {
        await server.AddOrganizationAsync("named");
        var admin = await server.AddAdministratorAsync("named");
        using var client = server.CreateClient(admin.Value);

        Assert.Equal([admin.KeyId], Ids(await server.ListAsync("?organization=named")));
        Assert.Equal([admin.KeyId], Ids(await (await client.GetAsync("/api/admin/api-keys?organization=named")).ReadJsonAsync(200)));
        await client.GetAsync("/api/admin/api-keys?organization=default").ShouldBeProblemAsync(403, "scope_escalation");
        await client.GetAsync("/api/admin/api-keys?organization=nowhere").ShouldBeProblemAsync(403, "scope_escalation");
        await server.Operator.GetAsync("/api/admin/api-keys?organization=nowhere").ShouldBeInvalidAsync("organization");
    }

    [Theory]
    [InlineData("?environment=prod", "environment")]
    [InlineData("?unused_for_days=0", "unused_for_days")]
    [InlineData("?expires_within_days=3651", "expires_within_days")]
    [InlineData("?expires_within_days=soon", "expires_within_days")]
    [InlineData("?on_previous_secret=false", "on_previous_secret")]
    [InlineData("?scope=a%00b", "scope")]
    [InlineData("?organization=a%00b", "organization")]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=201", "limit")]
    [InlineData("?limit=many", "limit")]
    [InlineData("?status=gone", "status")]
    [InlineData("?status=17", "status")]
    [InlineData("?cursor=garbage", "cursor")]
    [InlineData("?cursor=________________________________", "cursor")]
    [InlineData("?search=a%00b", "search")]
    public async Task A_bad_query_is_refused(string query, string field) =>
        await server.Operator.GetAsync($"/api/admin/api-keys{query}").ShouldBeInvalidAsync(field);

    private async Task AssertFilterAsync(string status, params IssuedKey[] keys)
    {
        var listed = await server.ListAsync($"?search=status&status={status}");
        Assert.Equal(keys.Select(key => key.KeyId).Order(), Ids(listed).Order());
        Assert.All(listed.GetProperty("api_keys").EnumerateArray(), row => Assert.Equal(status, row.Text("status")));
    }

    private static object Named(string name) => new { name, scopes = new[] { "incidents:read" } };

    private static IEnumerable<string> Ids(JsonElement list) =>
        list.GetProperty("api_keys").EnumerateArray().Select(row => row.Text("key_id")!);
}
