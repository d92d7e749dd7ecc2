namespace ApiKeys.Server.Tests.Gateways;

public sealed class NginxTests(GatewaySite<Nginx> site) : ForwardAuthTests(site), IClassFixture<GatewaySite<Nginx>>
{
    [Fact]
    public Task The_service_may_be_asked_by_a_Unix_socket() => ShouldAskByUnixSocketAsync(recipe => recipe.With(
        "    server 127.0.0.1:5080;\n", Site.Program.Recipe.Block("nginx", 1)));

    [Fact]
    public async Task Connections_to_the_API_are_kept()
    {
        var key = await Site.Server.CreateKeyAsync();

        var (first, second) = ((await Site.CallAsync(key.Value)).ShouldArrive(), (await Site.CallAsync(key.Value)).ShouldArrive());

        Assert.Equal(first.Connection, second.Connection);
    }
}
