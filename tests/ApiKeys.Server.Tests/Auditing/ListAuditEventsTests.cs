using System.Net.Http.Json;
using System.Text.Json;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Auditing;

public sealed class ListAuditEventsTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Path = "/api/admin/audit-events";

    [Fact]
    public async Task A_change_is_told_with_who_what_when_and_both_states()
    {
        var key = await server.CreateKeyAsync();
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        await server.EditAsync(key.KeyId, new { name = "Renamed", scopes = new[] { "search:read" }, enabled = false });

        var change = (await server.AuditAsync($"?key_id={key.KeyId}"))[0];

        Assert.Equal(
            $$$"""
            {"id":"{{{change.Text("id")}}}","at":"{{{change.Text("at")}}}","action":"key.updated","outcome":"success","code":null,
            "organization":"default","actor":{"key_id":"{{{server.OperatorKey.KeyId}}}","member":"admin@example.com","address":null},
            "target":{"type":"api_key","id":"{{{key.KeyId}}}"},
            "changes":{"name":{"from":"A key","to":"Renamed"},"scopes":{"from":["incidents:read"],"to":["search:read"]},
            "enabled":{"from":true,"to":false}},"trace_id":"{{{change.Text("trace_id")}}}"}
            """.ReplaceLineEndings(""),
            change.GetRawText());
        Assert.Equal(server.Clock.GetUtcNow(), change.Instant("at"));
        Assert.Matches("^[0-9a-f]{32}$", change.Text("trace_id"));
    }

    [Fact]
    public async Task A_refused_call_is_told_with_its_code()
    {
        var key = await server.CreateKeyAsync();
        await server.RevokeAsync(key.KeyId);
        server.Clock.Advance(TimeSpan.FromSeconds(1));

        using var refused = await server.Operator.PostAsJsonAsync($"/api/admin/api-keys/{key.KeyId}/rotate", new { });
        var problem = await refused.ShouldBeProblemAsync(409, "key_revoked");

        var told = (await server.AuditAsync($"?key_id={key.KeyId}&action=key.rotated")).Single();
        Assert.Equal(("refused", "key_revoked", "{}"), (told.Text("outcome"), told.Text("code"), told.GetProperty("changes").GetRawText()));
        Assert.Equal(problem.Text("trace_id"), told.Text("trace_id"));
    }

    [Theory]
    [InlineData("{", "malformed_json")]
    [InlineData("""{"name": "A", "nmae": "B"}""", "validation_failed")]
    [InlineData("""{"name": "A", "scopes": ["nothing:read"]}""", "validation_failed")]
    public async Task A_call_that_fails_before_its_handler_is_told_too(string body, string code)
    {
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        using var refused = await server.Operator.PostAsync("/api/admin/api-keys", Body.Json(body));
        Assert.Equal(400, (int)refused.StatusCode);

        var told = (await server.AuditAsync("?limit=1")).Single();

        Assert.Equal(("key.created", "refused", code), (told.Text("action"), told.Text("outcome"), told.Text("code")));
        Assert.Equal(server.OperatorKey.KeyId, told.GetProperty("actor").Text("key_id"));
    }

    [Fact]
    public async Task What_stands_in_a_path_is_told_only_where_it_is_harmless()
    {
        var value = (await server.CreateKeyAsync()).Value;
        foreach (var id in new[] { value, "a%0Ab", new string('a', 200) })
        {
            server.Clock.Advance(TimeSpan.FromSeconds(1));
            await server.Operator.GetAsync($"/api/admin/api-keys/{id}").ShouldBeProblemAsync(404, "not_found");
        }

        var told = (await server.AuditAsync("?action=key.read")).Take(3).Select(e => e.GetProperty("target").Text("id")).ToList();

        Assert.Equal([null, null, value[..^50] + "_[redacted]"], told);
    }

    [Fact]
    public async Task Filters_narrow_and_pages_go_on()
    {
        await server.AddMemberAsync("auditor@example.com");
        var asked = await server.CreateKeyAsync(new { name = "Auditor", scopes = new[] { "audit:read", "api-keys:write", "search:read" }, owner = "auditor@example.com" });
        using var auditor = server.CreateClient(asked.Value);
        var since = server.Clock.GetUtcNow().AddSeconds(1);
        var made = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            server.Clock.Advance(TimeSpan.FromSeconds(1));
            using var created = await auditor.PostAsJsonAsync("/api/admin/api-keys", new { name = $"A{i}", scopes = new[] { "search:read" } });
            made.Add((await created.ReadJsonAsync(201)).Text("key_id")!);
        }

        Assert.Equal([made[2], made[1], made[0]], await TargetsAsync($"?actor={asked.KeyId}&action=key.created"));
        Assert.Equal([made[2], made[1], made[0]], await TargetsAsync("?actor=Auditor@Example.com"));
        Assert.Equal([made[1]], await TargetsAsync($"?key_id={made[1]}"));
        Assert.Equal([made[2], made[1]], await TargetsAsync($"?actor={asked.KeyId}&since={since.AddSeconds(1):O}".Replace("+", "%2B")));
        Assert.Equal([made[0]], await TargetsAsync($"?actor={asked.KeyId}&since={since:O}&until={since.AddSeconds(1):O}".Replace("+", "%2B")));
        var first = await server.Operator.GetFromJsonAsync<JsonElement>($"{Path}?actor={asked.KeyId}&limit=2");
        Assert.Equal([made[0]], await TargetsAsync($"?actor={asked.KeyId}&limit=2&cursor={first.Text("next_cursor")}"));
    }

    [Fact]
    public async Task Everybody_reads_the_trail_of_his_own_organization_alone()
    {
        await server.AddOrganizationAsync("audited");
        using var admin = server.CreateClient((await server.AddAdministratorAsync("audited")).Value);
        await server.CreateKeyAsync();

        var seen = (await admin.GetFromJsonAsync<JsonElement>(Path)).GetProperty("audit_events").EnumerateArray().ToList();

        Assert.NotEmpty(seen);
        Assert.All(seen, e => Assert.Equal("audited", e.Text("organization")));
        await server.CallAsync((await server.CreateKeyAsync("api-keys:read")).Value, Path).ShouldBeProblemAsync(
            403, "insufficient_scope", challenge: "Bearer error=\"insufficient_scope\", scope=\"audit:read\"");
    }

    [Theory]
    [InlineData("?key_id=nope", "key_id")]
    [InlineData("?since=yesterday", "since")]
    [InlineData("?since=01/02/2026", "since")]
    [InlineData("?until=12:00", "until")]
    [InlineData("?until=2026-01-01T00:00:00", "until")]
    [InlineData("?limit=a%20evil%22%20from", "limit")]
    [InlineData("?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "until")]
    [InlineData("?actor=a%00b", "actor")]
    [InlineData("?limit=0", "limit")]
    [InlineData("?cursor=x", "cursor")]
    public async Task A_bad_query_is_refused(string query, string field) =>
        await server.Operator.GetAsync(Path + query).ShouldBeInvalidAsync(field);

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public async Task Nobody_can_change_it(string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Path);
        await server.Operator.SendAsync(request).ShouldBeProblemAsync(405, "method_not_allowed");
    }

    /// <summary>Anybody can be refused for want of a key as often as he likes, and shall not fill the disk by it.</summary>
    [Fact]
    public async Task Callers_whom_nobody_knows_fill_the_trail_only_so_far()
    {
        using var nobody = server.CreateClient();
        for (var i = 0; i < 150; i++)
            await nobody.GetAsync("/api/admin/api-keys");

        var written = (await server.QuerySqlAsync<int>($"select count(*)::int as \"Value\" from audit_events where code = 'missing_credentials'")).Single();
        Assert.InRange(written, 60, 60 + 60); // one window may end meanwhile
    }

    [Fact]
    public async Task A_key_that_is_accepted_no_more_fills_the_trail_only_so_far()
    {
        var key = await server.CreateKeyAsync();
        await server.RevokeAsync(key.KeyId);
        using var revoked = server.CreateClient(key.Value);
        for (var i = 0; i < 150; i++)
            await revoked.GetAsync("/api/admin/api-keys");

        var written = (await server.QuerySqlAsync<int>($"select count(*)::int as \"Value\" from audit_events where actor_key_id = {key.KeyId}")).Single();
        Assert.InRange(written, 60, 60 + 60); // one window may end meanwhile
    }

    private async Task<IEnumerable<string?>> TargetsAsync(string query) =>
        (await server.AuditAsync(query)).Select(e => e.GetProperty("target").Text("id"));
}
