using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Gateways;

/// <summary>What gateways do that ask <c>/gateway/authorize</c>, and tell it of the request.</summary>
public abstract class ForwardAuthTests(GatewaySite site) : GatewayTests(site)
{
    [Fact]
    public async Task Allowed_addresses_are_those_of_the_client_whatever_it_says()
    {
        var key = await Site.Server.CreateKeyAsync(new { name = "A", scopes = new[] { "incidents:read" }, allowed_ips = new[] { "127.0.0.9" } });
        HttpRequestMessage request() => GatewaySite.Request(HttpMethod.Get, key.Value, "/api/v1/incidents", ("X-Forwarded-For", "127.0.0.9"));

        (await Site.SendAsync(request(), from: "127.0.0.8")).ShouldBeRefused(403);
        var arrived = (await Site.SendAsync(request(), from: "127.0.0.9")).ShouldArrive();

        Assert.Equal("127.0.0.9", arrived.Header("X-Forwarded-For"));
        var addresses = (await Site.Server.UsageAsync(key.KeyId)).GetProperty("last_addresses").EnumerateArray();
        Assert.Equal(["127.0.0.8", "127.0.0.9"], addresses.Select(address => address.Text("address")).Order());
    }

    /// <param name="edit">Changes the recipe as its page says.</param>
    protected async Task ShouldAskByUnixSocketAsync(Func<string, string> edit)
    {
        var key = await Site.Server.CreateKeyAsync(new { name = "A", scopes = new[] { "incidents:read" }, allowed_ips = new[] { "127.0.0.9" } });
        await using var gateway = await Site.StartAsync(
            recipe => edit(recipe).With("/run/apikeys/apikeys.sock", Site.Server.Socket), addresses => addresses with { Service = "127.0.0.1:9" });

        (await Site.SendAsync(GatewaySite.Request(HttpMethod.Get, key.Value, "/api/v1/incidents"), gateway, from: "127.0.0.9")).ShouldArrive();
        (await Site.SendAsync(GatewaySite.Request(HttpMethod.Get, key.Value, "/api/v1/incidents"), gateway)).ShouldBeRefused(403);
    }

    /// <summary>A connection may become another one, such as a WebSocket, once its request was accepted.</summary>
    protected async Task ShouldPassUpgradesAsync()
    {
        var key = await Site.Server.CreateKeyAsync();
        using var request = GatewaySite.Request(HttpMethod.Get, key.Value, "/api/v1/incidents", ("Upgrade", "echo"));
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Connection.Add("X-ApiKeys-Owner");

        var arrived = (await Site.SendAsync(request)).ShouldArrive();

        Assert.Equal(("upgrade", "echo", "admin@example.com"), (
            arrived.Header("Connection").ToLowerInvariant(), arrived.Header("Upgrade"), arrived.Header("X-ApiKeys-Owner")));
    }
}
