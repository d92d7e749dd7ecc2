namespace ApiKeys.Server.Tests.Gateways;

public sealed class HaproxyTests(GatewaySite<Haproxy> site) : ForwardAuthTests(site), IClassFixture<GatewaySite<Haproxy>>
{
    [Fact]
    public Task A_connection_may_become_a_WebSocket() => ShouldPassUpgradesAsync();

    [Fact]
    public Task The_service_may_be_asked_by_a_Unix_socket() => ShouldAskByUnixSocketAsync(recipe => recipe.With(
        "    url = \"http://127.0.0.1:5080/gateway/authorize\",\n", Site.Program.Recipe.Block("lua", 1)));
}
