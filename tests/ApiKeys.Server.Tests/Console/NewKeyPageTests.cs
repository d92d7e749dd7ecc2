using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Console;

/// <summary>What the form of a new key asks of the management API beside the key.</summary>
public sealed class NewKeyPageTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Who_opens_the_form_and_may_not_list_members_has_tried_nothing()
    {
        var key = await server.CreateKeyAsync("api-keys:read", "api-keys:write");
        using var console = await ConsoleClient.SignInAsync(server, key.Value);

        await console.GetAsync("/console/keys/new");

        Assert.Equal(["session.started"], (await server.AuditAsync($"?actor={key.KeyId}")).Select(e => e.Text("action")));
    }

    [Fact]
    public async Task A_form_that_the_management_API_cannot_even_read_is_in_the_audit_trail_as_any_refusal()
    {
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        await console.RefusedAsync(
            "/console/keys/new", "create", 400,
            ("once", "00000000000000000000000000000000"), ("name", "A key"), ("expiry", "365"), ("scopes", "incidents:read"), ("environment", "prod"));

        var refused = Assert.Single(await server.AuditAsync("?action=key.created"), e => e.Text("outcome") == "refused");
        Assert.Equal("validation_failed", refused.Text("code"));
    }

    [Fact]
    public async Task From_the_keys_of_an_organization_one_comes_to_the_form_for_it()
    {
        await server.AddOrganizationAsync("acme");
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        Assert.Contains(
            "href=\"/console/keys/new?organization=acme\"", await console.GetAsync("/console/keys?organization=acme&status=active"), StringComparison.Ordinal);
        Assert.Matches("value=\"acme\" selected", await console.GetAsync("/console/keys/new?organization=acme"));
    }
}
