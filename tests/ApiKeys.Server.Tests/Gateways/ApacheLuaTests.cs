namespace ApiKeys.Server.Tests.Gateways;

public sealed class ApacheLuaTests(GatewaySite<ApacheLua> site) : ForwardAuthTests(site), IClassFixture<GatewaySite<ApacheLua>>;
