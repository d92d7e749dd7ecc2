using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Console;

/// <summary>Who has come in, and who was refused at the door.</summary>
public sealed class SignInAuditTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Who_signs_in_is_in_the_trail_of_his_organization()
    {
        await server.AddOrganizationAsync("acme");
        var boss = await server.AddAdministratorAsync("acme");

        await Visit.SignedInAsync(server, boss.Value);

        var signedIn = (await server.AuditAsync($"?actor={boss.KeyId}&action=session.started")).Single();
        Assert.Equal(
            ("success", "acme", "boss@acme.example", boss.KeyId),
            (signedIn.Text("outcome"), signedIn.Text("organization"), signedIn.GetProperty("actor").Text("member"), signedIn.GetProperty("target").Text("id")));
    }

    [Fact]
    public async Task A_revoked_key_that_tries_is_in_it_too()
    {
        var key = await server.CreateKeyAsync("api-keys:read");
        await server.RevokeAsync(key.KeyId);

        Assert.Equal(400, (await Visit.To(server).SignInAsync(key.Value)).Status);

        var refused = (await server.AuditAsync($"?actor={key.KeyId}&action=session.started")).Single();
        Assert.Equal(("refused", "revoked_key", "default"), (refused.Text("outcome"), refused.Text("code"), refused.Text("organization")));
    }

    [Fact]
    public async Task So_is_a_key_that_manages_nothing()
    {
        var key = await server.CreateKeyAsync("incidents:read");

        Assert.Equal(400, (await Visit.To(server).SignInAsync(key.Value)).Status);

        Assert.Equal("insufficient_scope", (await server.AuditAsync($"?actor={key.KeyId}&action=session.started")).Single().Text("code"));
    }

    [Fact]
    public async Task Of_garbage_nobody_is_named()
    {
        Assert.Equal(400, (await Visit.To(server).SignInAsync("garbage")).Status);

        var refused = (await server.AuditAsync("?action=session.started")).First(e => e.Text("code") == "invalid_key");
        Assert.Null(refused.GetProperty("actor").Text("key_id"));
        Assert.DoesNotContain("garbage", refused.GetRawText(), StringComparison.Ordinal);
    }
}
