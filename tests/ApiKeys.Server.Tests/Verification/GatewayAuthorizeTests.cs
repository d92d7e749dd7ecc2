using System.Net.Sockets;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Tests.Fixtures;
using ApiKeys.Server.Tests.Verification.RateLimits;
using ApiKeys.Server.Verification.Gateway;

namespace ApiKeys.Server.Tests.Verification;

/// <summary>What a gateway is answered, over real sockets; the gateways themselves have tests of their own.</summary>
public sealed class GatewayAuthorizeTests(KestrelTestServer server) : IClassFixture<KestrelTestServer>
{
    private static readonly (string, string)[] Incidents = [("X-Original-Method", "GET"), ("X-Original-URI", "/api/v1/incidents")];

    [Fact]
    public async Task Who_it_is_is_told_in_headers_that_are_always_there()
    {
        var key = await server.CreateKeyAsync(new { name = "A", scopes = new[] { "search:read", "incidents:read" } });
        await server.AddOrganizationAsync("ownerless");
        var ownerless = await server.CreateKeyAsync(new { name = "A", scopes = new[] { "incidents:read" }, organization = "ownerless" });

        using var answer = await AskAsync(key.Value, Incidents);
        using var other = await AskAsync(ownerless.Value, Incidents);

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal((key.KeyId, "default", "admin@example.com", "incidents:read search:read"), Identity(answer));
        Assert.Equal((ownerless.KeyId, "ownerless", "", "incidents:read"), Identity(other));
        Assert.Empty(await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("X-Original-Method: GET|X-Original-URI: /api/v1/incidents", 200)]
    [InlineData("X-Forwarded-Method: GET|X-Forwarded-Uri: /api/v1/incidents/7", 200)]
    [InlineData("X-Original-Method: HEAD|X-Original-URI: /api/v1/incidents", 200)]
    [InlineData("X-Original-Method: POST|X-Original-URI: /api/v1/incidents", 403)]
    [InlineData("X-Original-Method: GET|X-Original-URI: /api/v1/search", 403)]
    [InlineData("X-Original-Method: GET|X-Original-URI: /api/v1/incidents/../search", 403)]
    [InlineData("X-Original-Method: GET|X-Original-URI: /nowhere", 403)]
    [InlineData("X-Original-Method: GET", 403)]
    [InlineData("X-Original-URI: /api/v1/incidents", 403)]
    [InlineData("", 403)]
    [InlineData("X-Original-Method: GET|X-Original-URI: /api/v1/incidents|X-Forwarded-Uri: /api/v1/incidents", 403)] // one of them is the client's
    [InlineData("X-Original-Method: GET|X-Original-URI: /api/v1/incidents|X-Original-URI: /api/v1/incidents", 403)]
    public async Task The_scope_is_that_of_the_original_request(string headers, int status)
    {
        var key = await server.CreateKeyAsync();

        using var answer = await AskAsync(key.Value, [.. headers.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": ")).Select(part => (part[0], part[1]))]);

        Assert.Equal(status, (int)answer.StatusCode);
        if (status == 403)
            await answer.ShouldBeProblemAsync(403, "insufficient_scope", challenge: answer.Headers.WwwAuthenticate.ToString());
    }

    [Theory]
    [InlineData("GET", "/gateway/authorize/api/v1/incidents", 200)]
    [InlineData("GET", "/gateway/authorize/api/v1/incidents?q=1", 200)]
    [InlineData("DELETE", "/gateway/authorize/api/v1/incidents", 403)]
    [InlineData("GET", "/gateway/authorize/api/v1/search", 403)]
    public async Task A_gateway_may_ask_with_the_path_itself(string method, string path, int status)
    {
        var key = await server.CreateKeyAsync();

        using var answer = await SendAsync(new HttpMethod(method), path, key.Value, []);
        using var twice = await SendAsync(new HttpMethod(method), path, key.Value, Incidents);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(403, (int)twice.StatusCode);
    }

    [Fact]
    public async Task Refusals_are_those_that_the_request_itself_would_get()
    {
        var (revoked, limited) = (await server.CreateKeyAsync(), await server.CreateKeyAsync(
            new { name = "A", scopes = new[] { "incidents:read" }, rate_limit = new { requests = 1, window_seconds = RateWindows.Long } }));
        await server.RevokeAsync(revoked.KeyId);

        await AskAsync(null, Incidents).ShouldBeProblemAsync(401, "missing_credentials", challenge: "Bearer realm=\"api\"");
        await AskAsync("garbage", Incidents).ShouldBeInvalidKeyAsync();
        await AskAsync(revoked.Value, Incidents).ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);
        using var first = await AskAsync(limited.Value, Incidents);
        Assert.Equal("\"key\";r=0;t=", first.Headers.GetValues("RateLimit").Single()[..12]);
        await AskAsync(limited.Value, Incidents).ShouldBeProblemAsync(429, "rate_limited");
        await AskAsync(limited.Value, [.. Incidents, ("Authorization", "Bearer x")]).ShouldBeProblemAsync(400, "ambiguous_credentials");
    }

    [Theory]
    [InlineData("/gateway/authorize/../../health/live")]
    [InlineData("/gateway/authorize/api/v1/search/../../../../../health/live")]
    [InlineData("/gateway/authorize/%2e%2e/%2e%2e/health/live")]
    [InlineData("/GATEWAY/authorize/.%2e/../api/v1/me")]
    [InlineData("/gateway/authorize/../authorize/api/v1/incidents")]
    [InlineData("/gateway/authorize//api/v1/incidents")]
    [InlineData("/gateway/authorize/")]
    public async Task What_a_client_has_put_into_the_path_leads_nowhere_else(string path)
    {
        var key = await server.CreateKeyAsync();
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(
            HttpMethod.Get, new Uri($"{server.Address.GetLeftPart(UriPartial.Authority)}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        request.Headers.Add(ApiKeyDefaults.HeaderName, key.Value);

        using var answer = await client.SendAsync(request);

        Assert.InRange((int)answer.StatusCode, 403, 404);
    }

    [Fact]
    public async Task Any_method_is_answered()
    {
        var key = await server.CreateKeyAsync();
        foreach (var method in new[] { "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND" })
        {
            using var answer = await SendAsync(new HttpMethod(method), GatewayAuthorize.Path, key.Value, Incidents);
            Assert.Equal(200, (int)answer.StatusCode);
        }
    }

    [Fact]
    public async Task What_the_request_says_of_its_body_is_for_the_API_to_judge()
    {
        var key = await server.CreateKeyAsync("investigations:write");
        using var client = server.CreateClient(key.Value);
        using var request = new HttpRequestMessage(HttpMethod.Get, GatewayAuthorize.Path)
        {
            Headers = { { "X-Original-Method", "POST" }, { "X-Original-URI", "/api/v1/investigations/start" } },
            Content = Body.Bytes([], "text/csv; charset=iso-8859-1"),
        };

        using var answer = await client.SendAsync(request);

        Assert.Equal(200, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("", "127.0.0.1", true)]
    [InlineData("", "::1", true)]
    [InlineData("", "::ffff:127.0.0.1", true)]
    [InlineData("", "10.0.0.1", false)]
    [InlineData("", null, true)]
    [InlineData("10.0.0.0/8", "10.0.0.1", true)]
    [InlineData("10.0.0.0/8", "::ffff:10.0.0.1", true)]
    [InlineData("10.0.0.0/8", "127.0.0.1", false)]
    [InlineData("10.0.0.0/8", null, false)]
    [InlineData("10.0.0.0/8 unix", null, true)]
    public void Only_gateways_may_ask(string allowed, string? address, bool isAllowed) => Assert.Equal(
        isAllowed,
        new GatewayOptions { AllowedNetworks = allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries) }.Allows(address is null ? null : System.Net.IPAddress.Parse(address)));

    [Fact]
    public async Task Who_is_none_is_refused_before_anything_is_looked_at_whatever_a_proxy_says()
    {
        await using var elsewhere = new With(("Gateway:AllowedNetworks:0", "203.0.113.0/24"), ("TrustedProxies:0", "127.0.0.1"));
        await elsewhere.InitializeAsync();
        using var client = elsewhere.CreateClient(elsewhere.OperatorKey.Value);

        await client.SendWithAsync(HttpMethod.Get, GatewayAuthorize.Path, "X-Forwarded-For", "203.0.113.7").ShouldBeProblemAsync(403, "ip_not_allowed");
        await client.GetAsync("/GATEWAY/authorize/api/v1/incidents").ShouldBeProblemAsync(403, "ip_not_allowed");
        Assert.Equal(200, (int)(await client.GetAsync("/api/v1/me")).StatusCode);
    }

    [Fact]
    public async Task On_a_port_of_its_own_it_is_the_only_one()
    {
        var port = FreePort();
        await using var bound = new With(("Gateway:Port", $"{port}"));
        await bound.InitializeAsync();
        using var client = bound.CreateClient(bound.OperatorKey.Value);

        await client.GetAsync(GatewayAuthorize.Path).ShouldBeProblemAsync(404, "not_found");
        Assert.Equal(200, (int)(await client.GetAsync("/api/v1/me")).StatusCode);
    }

    private Task<HttpResponseMessage> AskAsync(string? key, IEnumerable<(string Name, string Value)> headers) =>
        SendAsync(HttpMethod.Get, GatewayAuthorize.Path, key, headers);

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? key, IEnumerable<(string Name, string Value)> headers)
    {
        using var client = server.CreateClient();
        using var request = new HttpRequestMessage(method, path);
        if (key is not null)
            request.Headers.Add(ApiKeyDefaults.HeaderName, key);

        foreach (var (name, values) in headers.GroupBy(header => header.Name, header => header.Value).Select(group => (group.Key, group)))
            request.Headers.TryAddWithoutValidation(name, values);

        return await client.SendAsync(request);
    }

    private static (string KeyId, string Organization, string Owner, string Scopes) Identity(HttpResponseMessage answer) => (
        answer.Headers.GetValues("X-ApiKeys-Key-Id").Single(), answer.Headers.GetValues("X-ApiKeys-Organization").Single(),
        answer.Headers.GetValues("X-ApiKeys-Owner").Single(), answer.Headers.GetValues("X-ApiKeys-Scopes").Single());

    private static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class With(params (string Name, string Value)[] settings) : KestrelTestServer
    {
        protected override IReadOnlyDictionary<string, string> Settings { get; } = settings.ToDictionary(setting => setting.Name, setting => setting.Value);
    }
}
