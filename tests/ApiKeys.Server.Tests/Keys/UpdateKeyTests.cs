using System.Net;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Keys;

public sealed class UpdateKeyTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task What_is_given_changes_and_what_is_left_out_stays()
    {
        var key = await server.CreateKeyAsync(Everything());
        server.Clock.Advance(TimeSpan.FromHours(1));

        using var response = await server.PatchAsync(key.KeyId, new { name = "  After  ", metadata = new Dictionary<string, string?> { ["team"] = null, ["stage"] = "two" } });

        Assert.Equal("\"2\"", response.Headers.ETag!.ToString());
        var row = await response.ReadJsonAsync(200);
        Assert.Equal(("After", "As it was made", server.Clock.GetUtcNow()), (row.Text("name"), row.Text("description"), row.Instant("updated_at")));
        Assert.Equal("""{"env":"one","stage":"two"}""", row.GetProperty("metadata").GetRawText());
        Assert.Equal("""{"requests":10,"window_seconds":60}""", row.GetProperty("rate_limit").GetRawText());
        Assert.Equal(row.GetRawText(), (await server.GetKeyAsync(key.KeyId)).GetRawText());
        await server.CallAsync(key.Value).ShouldBeProblemAsync(403, "ip_not_allowed"); // the secret is the same
    }

    [Fact]
    public async Task Everything_can_be_edited_and_null_removes()
    {
        var key = await server.CreateKeyAsync(Everything());

        var row = await server.EditAsync(key.KeyId, Body.Json(
            """
            {"name": "B", "description": null, "scopes": null, "roles": ["soc_viewer"], "rate_limit": null, "allowed_ips": null,
             "metadata": null, "expires_in_days": null, "enabled": true}
            """));

        Assert.Equal(("B", null, null), (row.Text("name"), row.Text("description"), row.Text("expires_at")));
        Assert.Equal(["soc_viewer"], row.Texts("roles"));
        Assert.All(["scopes", "allowed_ips"], list => Assert.Empty(row.Texts(list)));
        Assert.Equal(("null", "{}"), (row.GetProperty("rate_limit").GetRawText(), row.GetProperty("metadata").GetRawText()));
        await server.CallAsync(key.Value, "/api/v1/search").ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task A_part_of_the_rate_limit_keeps_the_other()
    {
        var key = await server.CreateKeyAsync(Everything());

        var row = await server.EditAsync(key.KeyId, new { rate_limit = new { requests = 99 } });

        Assert.Equal("""{"requests":99,"window_seconds":60}""", row.GetProperty("rate_limit").GetRawText());
        var bare = await server.CreateKeyAsync();
        await server.PatchAsync(bare.KeyId, new { rate_limit = new { requests = 99 } }).ShouldBeInvalidAsync("rate_limit");
    }

    [Fact]
    public async Task Disabled_is_refused_at_once_and_comes_back()
    {
        var key = await server.CreateKeyAsync();

        Assert.Equal("disabled", (await server.EditAsync(key.KeyId, new { enabled = false })).Text("status"));
        await server.CallAsync(key.Value).ShouldBeProblemAsync(
            401, "disabled_key", "The API key is disabled. Ask an administrator to enable it.", Answers.InvalidToken);

        Assert.Equal("active", (await server.EditAsync(key.KeyId, new { enabled = true })).Text("status"));
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task A_cut_takes_effect_at_once()
    {
        var key = await server.CreateKeyAsync("incidents:read", "search:read");

        await server.EditAsync(key.KeyId, new { scopes = new[] { "search:read" } });

        await server.CallAsync(key.Value).ShouldBeProblemAsync(
            403, "insufficient_scope", "API key does not have the required scope: incidents:read",
            "Bearer error=\"insufficient_scope\", scope=\"incidents:read\"");
        await server.CallAsync(key.Value, "/api/v1/search").ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task An_earlier_expiry_is_the_previous_secrets_too_and_a_later_one_brings_a_key_back()
    {
        var key = await server.CreateKeyAsync();
        await server.RotateAsync(key.KeyId, new { grace_period_days = 30 });

        var row = await server.EditAsync(key.KeyId, new { expires_in_days = 1 });

        Assert.Equal(server.Clock.GetUtcNow().AddDays(1), row.Instant("expires_at"));
        Assert.Equal(row.Instant("expires_at"), row.Instant("previous_key_expires_at"));
        server.Clock.Advance(TimeSpan.FromDays(1));
        await server.CallAsync(key.Value).ShouldBeInvalidKeyAsync();
        Assert.Equal("active", (await server.EditAsync(key.KeyId, new { expires_in_days = 30 })).Text("status"));
        await server.CallAsync(key.Value).ShouldBeInvalidKeyAsync(); // its grace has ended
    }

    [Fact]
    public async Task If_Match_guards_against_what_somebody_else_did()
    {
        var key = await server.CreateKeyAsync();
        await server.PatchAsync(key.KeyId, new { name = "B" }, ifMatch: "\"1\"").ShouldBeAcceptedAsync();

        foreach (var stale in new[] { "\"1\"", "W/\"2\"", "\"1\", \"3\"", "2", "garbage" })
            await server.PatchAsync(key.KeyId, new { name = "C" }, stale).ShouldBeProblemAsync(412, "precondition_failed");

        Assert.Equal("B", (await server.GetKeyAsync(key.KeyId)).Text("name"));
        await server.PatchAsync(key.KeyId, new { name = "C" }, ifMatch: "\"1\", \"2\"").ShouldBeAcceptedAsync();
        await server.PatchAsync(key.KeyId, new { name = "D" }, ifMatch: "*").ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task Of_edits_with_the_same_If_Match_at_the_same_moment_one_is_done()
    {
        var key = await server.CreateKeyAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(
            () => server.PatchAsync(key.KeyId, new { name = $"Name {i}" }, ifMatch: "\"1\""))));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        foreach (var refused in answers.Where(answer => answer.StatusCode != HttpStatusCode.OK))
            await refused.ShouldBeProblemAsync(412, "precondition_failed");
    }

    [Fact]
    public async Task Edits_of_different_members_at_the_same_moment_are_all_done()
    {
        var key = await server.CreateKeyAsync();

        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(
            () => server.EditAsync(key.KeyId, new { metadata = new Dictionary<string, string> { [$"m{i}"] = "x" } }))));

        Assert.Equal(12, (await server.GetKeyAsync(key.KeyId)).GetProperty("metadata").EnumerateObject().Count());
    }

    [Fact]
    public async Task Nothing_to_change_changes_nothing()
    {
        var key = await server.CreateKeyAsync("search:read", "incidents:read");
        server.Clock.Advance(TimeSpan.FromMinutes(1));

        using var response = await server.PatchAsync(key.KeyId, new { name = "A key", scopes = new[] { "search:read", "incidents:read", "search:read" } });

        Assert.Equal("\"1\"", response.Headers.ETag!.ToString());
        Assert.Equal((await server.GetKeyAsync(key.KeyId)).Instant("created_at"), (await response.ReadJsonAsync(200)).Instant("updated_at"));
        Assert.Single(await server.AuditAsync($"?key_id={key.KeyId}"));
    }

    [Fact]
    public async Task A_revoked_key_is_not_edited()
    {
        var key = await server.CreateKeyAsync();
        await server.RevokeAsync(key.KeyId);

        await server.PatchAsync(key.KeyId, new { enabled = true }).ShouldBeProblemAsync(
            409, "key_revoked", "The API key was revoked, which is for ever. Create a new one.");
    }

    [Theory]
    [InlineData("""{"name": null}""", "name")]
    [InlineData("""{"name": ""}""", "name")]
    [InlineData("""{"description": "too short"}""", "description")]
    [InlineData("""{"scopes": []}""", "scopes")]
    [InlineData("""{"scopes": ["nothing:read"]}""", "scopes")]
    [InlineData("""{"scopes": [null]}""", "scopes")]
    [InlineData("""{"roles": ["nobody"]}""", "roles")]
    [InlineData("""{"expires_in_days": 0}""", "expires_in_days")]
    [InlineData("""{"expires_in_days": 366}""", "expires_in_days")]
    [InlineData("""{"enabled": null}""", "enabled")]
    [InlineData("""{"rate_limit": {"requests": 0, "window_seconds": 1}}""", "rate_limit")]
    [InlineData("""{"rate_limit": {"request": 1}}""", "rate_limit.request")]
    [InlineData("""{"rate_limit": {"requests": null, "window_seconds": 1}}""", "rate_limit")]
    [InlineData("""{"scopes": ["{PropertyValue}"]}""", "scopes")]
    [InlineData("""{"allowed_ips": ["300.1.1.1"]}""", "allowed_ips[0]")]
    [InlineData("""{"metadata": {"a": "b\u0000"}}""", "metadata")]
    [InlineData("""{"metadata": {"": "b"}}""", "metadata")]
    [InlineData("""{"owner": "admin@example.com"}""", "owner")]
    [InlineData("""{"environment": "test"}""", "environment")]
    [InlineData("""{"status": "active"}""", "status")]
    [InlineData("""{"created_by": "me"}""", "created_by")]
    [InlineData("""{"key_id": "k_000000000000"}""", "key_id")]
    [InlineData("""{"revoked_at": null}""", "revoked_at")]
    [InlineData("""{"last_used_at": null}""", "last_used_at")]
    public async Task A_bad_edit_is_refused(string body, string field)
    {
        var key = await server.CreateKeyAsync();

        await server.PatchAsync(key.KeyId, Body.Json(body)).ShouldBeInvalidAsync(field);
        Assert.Equal("\"1\"", (await server.Operator.GetAsync($"/api/admin/api-keys/{key.KeyId}")).Headers.ETag!.ToString());
    }

    [Theory]
    [InlineData("application/merge-patch+json", 200)]
    [InlineData("application/json", 200)]
    [InlineData("text/plain", 415)]
    public async Task A_patch_is_a_merge_patch(string mediaType, int status)
    {
        var key = await server.CreateKeyAsync();

        using var response = await server.PatchAsync(key.KeyId, Body.Bytes("{}"u8.ToArray(), mediaType));

        Assert.Equal(status, (int)response.StatusCode);
    }

    private static object Everything() => new
    {
        name = "Before",
        description = "As it was made",
        scopes = new[] { "incidents:read" },
        rate_limit = new { requests = 10, window_seconds = 60 },
        allowed_ips = new[] { "203.0.113.0/24" },
        metadata = new { team = "soc", env = "one" },
    };
}
