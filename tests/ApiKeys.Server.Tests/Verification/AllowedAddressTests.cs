using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Verification;

/// <summary>Over real sockets: the address is the connection's, or what a trusted proxy says; never a header from anybody else.</summary>
public sealed class AllowedAddressTests(KestrelTestServer direct, AllowedAddressTests.BehindProxies proxied)
    : IClassFixture<KestrelTestServer>, IClassFixture<AllowedAddressTests.BehindProxies>
{
    [Theory]
    [InlineData("127.0.0.0/8", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("203.0.113.0/24", false)]
    [InlineData("::1", false)]
    public async Task The_connection_says_where_a_request_comes_from(string allowed, bool isAccepted)
    {
        var key = await KeyForAsync(direct, allowed);

        Assert.Equal(isAccepted ? 200 : 403, await CallAsync(direct, key));
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.7")]
    [InlineData("X-Forwarded-For", "127.0.0.1, 203.0.113.7")]
    [InlineData("Forwarded", "for=203.0.113.7")]
    [InlineData("X-Real-IP", "203.0.113.7")]
    [InlineData("X-Original-For", "203.0.113.7")]
    [InlineData("True-Client-IP", "203.0.113.7")]
    public async Task A_header_from_anybody_is_text(string header, string value)
    {
        var key = await KeyForAsync(direct, "203.0.113.0/24");

        Assert.Equal(403, await CallAsync(direct, key, header, value));
    }

    [Theory]
    [InlineData("203.0.113.7", true)]
    [InlineData("203.0.113.7:50123", true)]
    [InlineData("198.51.100.1, 203.0.113.7", true)] // what the client itself sent stands further left
    [InlineData("203.0.113.7, 10.1.2.3", true)] // a second proxy of ours, nearer to us
    [InlineData("203.0.113.7, 198.51.100.1", false)] // the proxy saw 198.51.100.1, which claims to be one
    [InlineData("2001:db8::7", true)]
    [InlineData("[2001:db8::7]:50123", true)]
    [InlineData("2001:db9::7", false)]
    [InlineData("::ffff:203.0.113.7", true)]
    [InlineData("10.1.2.3", false)]
    [InlineData("unknown", false)]
    [InlineData("", false)]
    [InlineData("203.0.113.7, garbage", false)]
    public async Task A_trusted_proxy_says_where_a_request_comes_from(string forwarded, bool isAccepted)
    {
        var key = await KeyForAsync(proxied, "203.0.113.0/24", "2001:db8::/32");

        Assert.Equal(isAccepted ? 200 : 403, await CallAsync(proxied, key, "X-Forwarded-For", forwarded));
    }

    [Fact]
    public async Task Without_the_header_the_proxy_itself_is_who_calls()
    {
        var key = await KeyForAsync(proxied, "203.0.113.0/24");

        Assert.Equal(403, await CallAsync(proxied, key));
    }

    [Fact]
    public async Task The_audit_trail_has_the_address_that_was_forwarded()
    {
        var key = await proxied.CreateKeyAsync();

        (await proxied.Operator.SendWithAsync(HttpMethod.Delete, $"/api/admin/api-keys/{key.KeyId}", "X-Forwarded-For", "203.0.113.9")).EnsureSuccessStatusCode();

        Assert.Equal("203.0.113.9", (await proxied.DoneAsync($"?key_id={key.KeyId}&action=key.revoked")).Single().GetProperty("actor").Text("address"));
    }

    private static Task<IssuedKey> KeyForAsync(TestServer server, params string[] allowed) =>
        server.CreateKeyAsync(new { name = "From somewhere", scopes = new[] { "incidents:read" }, allowed_ips = allowed });

    private static async Task<int> CallAsync(TestServer server, IssuedKey key, string header = "X-Nothing", string value = "")
    {
        using var client = server.CreateClient(key.Value);
        using var response = await client.SendWithAsync(HttpMethod.Get, "/api/v1/incidents", header, value);
        if (!response.IsSuccessStatusCode)
            await response.ShouldBeProblemAsync(403, "ip_not_allowed");

        return (int)response.StatusCode;
    }

    /// <summary>Trusts the test itself, and the network of a second proxy.</summary>
    public sealed class BehindProxies : KestrelTestServer
    {
        protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
        {
            ["TrustedProxies:0"] = "127.0.0.1",
            ["TrustedProxies:1"] = "::1",
            ["TrustedProxies:2"] = "10.0.0.0/8",
        };
    }
}
