namespace ApiKeys.Server.Tests.Gateways;

public sealed class CaddyTests(GatewaySite<Caddy> site) : ForwardAuthTests(site), IClassFixture<GatewaySite<Caddy>>
{
    [Fact]
    public Task A_connection_may_become_a_WebSocket() => ShouldPassUpgradesAsync();

    [Fact]
    public Task The_service_may_be_asked_by_a_Unix_socket() => ShouldAskByUnixSocketAsync(recipe => recipe.With(
        "\t\treverse_proxy 127.0.0.1:5080 {\n", Site.Program.Recipe.Block("caddyfile", 1)));

    [Fact]
    public async Task An_API_that_is_away_is_not_taken_for_the_service()
    {
        var key = await Site.Server.CreateKeyAsync();
        await using var gateway = await Site.StartAsync(elsewhere: addresses => addresses with { Upstream = "127.0.0.1:9" });

        var call = await Site.SendAsync(GatewaySite.Request(HttpMethod.Get, key.Value, "/api/v1/incidents"), gateway);

        Assert.Equal((502, null), (call.Status, call.Answer.Headers.RetryAfter));
    }
}
