using System.Net.Http.Json;
using System.Text.Json;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Keys;

public sealed class MeTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Any_valid_key_learns_who_it_is()
    {
        using var added = await server.Operator.PostAsJsonAsync(
            "/api/admin/members", new { email = "erin@example.com", firstname = "Erin", lastname = "Doe" });
        var id = (await added.ReadJsonAsync(201)).Text("id");
        var key = await server.CreateKeyAsync(new { name = "Erin's", scopes = new[] { "graph:read" }, roles = new[] { "soc_viewer" }, owner = "erin@example.com" });

        using var response = await server.CallAsync(key.Value, "/api/v1/me");

        Assert.Equal(
            $$"""
            {"uuid":"{{id}}","email":"erin@example.com","firstname":"Erin","lastname":"Doe",
            "organization":{"slug":"default","name":"Default","plan":"enterprise"},
            "key":{"key_id":"{{key.KeyId}}","name":"Erin's","scopes":["graph:read","incidents:read","search:read"],"roles":["soc_viewer"],
            "expires_at":"{{key.Answer!.Value.Text("expires_at")}}","status":"active"}
            """.ReplaceLineEndings("") + "}",
            (await response.ReadJsonAsync(200)).GetRawText());
    }

    [Fact]
    public async Task A_key_that_nobody_owns_has_no_member()
    {
        await server.AddOrganizationAsync("ownerless");
        var key = await server.CreateKeyAsync(new { name = "A", scopes = new[] { "search:read" }, organization = "ownerless" });

        using var response = await server.CallAsync(key.Value, "/api/v1/me");
        var me = await response.ReadJsonAsync(200);

        Assert.All(["uuid", "email", "firstname", "lastname"], member => Assert.Equal(JsonValueKind.Null, me.GetProperty(member).ValueKind));
        Assert.Equal("ownerless", me.GetProperty("organization").Text("slug"));
    }

    [Fact]
    public async Task A_holder_can_end_his_own_key()
    {
        var key = await server.CreateKeyAsync();
        using var client = server.CreateClient(key.Value);

        using var response = await client.PostAsync("/api/v1/me/revoke", content: null);

        Assert.Equal("revoked", (await response.ReadJsonAsync(200)).Text("status"));
        await server.CallAsync(key.Value).ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);
        await client.PostAsync("/api/v1/me/revoke", content: null).ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);
        var revoked = (await server.DoneAsync($"?key_id={key.KeyId}&action=key.revoked")).Single();
        Assert.Equal(key.KeyId, revoked.GetProperty("actor").Text("key_id"));
    }

    [Fact]
    public async Task A_holder_with_the_scope_can_rotate_his_own_key_but_not_prolong_it()
    {
        var key = await server.CreateKeyAsync("incidents:read", "self:rotate");
        using var client = server.CreateClient(key.Value);

        await client.PostAsJsonAsync("/api/v1/me/rotate", new { expires_in_days = 365 }).ShouldBeInvalidAsync("expires_in_days");
        using var response = await client.PostAsJsonAsync("/api/v1/me/rotate", new { grace_period_days = 1 });
        var rotated = await response.ReadJsonAsync(200);

        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Equal((key.KeyId, key.Answer!.Value.Text("expires_at")), (rotated.Text("key_id"), rotated.Text("expires_at")));
        await server.CallAsync(rotated.Text("api_key")!).ShouldBeAcceptedAsync();
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
        server.Clock.Advance(TimeSpan.FromDays(1));
        await server.CallAsync(key.Value).ShouldBeInvalidKeyAsync();
        using var anew = server.CreateClient(rotated.Text("api_key")!);
        using var again = await anew.PostAsync("/api/v1/me/rotate", content: null);
        Assert.Equal(server.Clock.GetUtcNow().AddDays(7), (await again.ReadJsonAsync(200)).Instant("previous_key_expires_at"));
    }

    [Fact]
    public async Task Rotating_oneself_takes_the_scope_for_it()
    {
        var key = await server.CreateKeyAsync();
        using var client = server.CreateClient(key.Value);

        await client.PostAsync("/api/v1/me/rotate", content: null).ShouldBeProblemAsync(
            403, "insufficient_scope", "API key does not have the required scope: self:rotate",
            "Bearer error=\"insufficient_scope\", scope=\"self:rotate\"");
    }

    [Fact]
    public async Task Nobody_is_nobody()
    {
        using var client = server.CreateClient();

        await client.GetAsync("/api/v1/me").ShouldBeProblemAsync(401, "missing_credentials", challenge: "Bearer realm=\"api\"");
        await client.PostAsync("/api/v1/me/revoke", content: null).ShouldBeProblemAsync(401, "missing_credentials", challenge: "Bearer realm=\"api\"");
    }

    /// <summary>Else whoever stole a secret would outlive the rotation that ends it.</summary>
    [Fact]
    public async Task The_previous_secret_rotates_nothing_but_can_end_the_key()
    {
        var key = await server.CreateKeyAsync("self:rotate");
        var rotated = await server.RotateAsync(key.KeyId);
        using var stolen = server.CreateClient(key.Value);

        await stolen.PostAsJsonAsync("/api/v1/me/rotate", new { grace_period_days = 0 }).ShouldBeProblemAsync(
            409, "conflict", "The API key was rotated, and this is its previous secret. Rotate it with the current one, or ask an administrator.");
        await server.CallAsync(rotated.Text("api_key")!, "/api/v1/me").ShouldBeAcceptedAsync();
        using var revoked = await stolen.PostAsync("/api/v1/me/revoke", content: null);
        await revoked.ReadJsonAsync(200);
    }
}
