namespace ApiKeys.Server.Tests.Gateways;

public sealed class ApacheTests(GatewaySite<Apache> site) : GatewayTests(site), IClassFixture<GatewaySite<Apache>>
{
    /// <summary>Introspection is told a key, and not where it comes from.</summary>
    [Fact]
    public async Task A_key_that_is_bound_to_addresses_is_refused_from_all_of_them()
    {
        var key = await Site.Server.CreateKeyAsync(new { name = "A", scopes = new[] { "incidents:read" }, allowed_ips = new[] { "127.0.0.0/8" } });

        (await Site.CallAsync(key.Value)).ShouldBeRefused(401);
    }

    [Fact]
    public async Task Without_a_key_of_its_own_it_lets_nobody_in()
    {
        var (key, verifier) = (await Site.Server.CreateKeyAsync(), await Site.Server.CreateKeyAsync(new { name = "A", roles = new[] { "verifier" } }));
        await using var gateway = await Site.StartAsync(elsewhere: addresses => addresses with { Verifier = verifier.Value });
        (await Site.SendAsync(GatewaySite.Request(HttpMethod.Get, key.Value, "/api/v1/incidents"), gateway)).ShouldArrive();

        await Site.Server.RevokeAsync(verifier.KeyId);

        (await Site.SendAsync(GatewaySite.Request(HttpMethod.Get, key.Value, "/api/v1/incidents"), gateway)).ShouldBeRefused(401);
    }

    [Fact]
    public async Task A_service_that_proves_to_be_another_is_asked_nothing()
    {
        var key = await Site.Server.CreateKeyAsync();
        using var another = new ServerCertificate();
        await using var gateway = await Site.StartAsync(elsewhere: addresses => addresses with { Certificate = another.File });

        (await Site.SendAsync(GatewaySite.Request(HttpMethod.Get, key.Value, "/api/v1/incidents"), gateway)).ShouldBeRefused(401);
    }
}
