using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Verification;

/// <summary>RFC 7662, as a gateway's client speaks it.</summary>
public sealed class IntrospectTokenTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task An_accepted_key_is_active_and_says_whose_it_is()
    {
        var (service, key) = (await ServiceAsync(), await server.CreateKeyAsync("search:read", "incidents:read"));

        Assert.Equal(
            $$"""
            {"active":true,"scope":"incidents:read search:read","client_id":"{{key.KeyId}}","username":"admin@example.com","token_type":"Bearer","exp":1806105600,"sub":"{{key.KeyId}}","organization":"default"}
            """,
            (await AskAsync(Bearer(service), key.Value)).GetRawText());
    }

    [Fact]
    public async Task What_is_not_accepted_is_inactive_and_nothing_more_is_said()
    {
        var (service, revoked) = (await ServiceAsync(), await server.CreateKeyAsync());
        var limited = await server.CreateKeyAsync(new { name = "A", scopes = new[] { "incidents:read" }, allowed_ips = new[] { "203.0.113.7" } });
        await server.RevokeAsync(revoked.KeyId);

        foreach (var token in new[] { "garbage", "a b", revoked.Value, limited.Value })
            Assert.Equal("""{"active":false}""", (await AskAsync(Bearer(service), token)).GetRawText());
    }

    [Fact]
    public async Task A_client_may_come_with_its_key_id_and_value_by_basic()
    {
        var (service, key) = (await ServiceAsync(), await server.CreateKeyAsync());

        Assert.True((await AskAsync(Basic($"{service.KeyId}:{service.Value}"), key.Value)).GetProperty("active").GetBoolean());
        Assert.True((await AskAsync(Basic($"{service.KeyId.Replace("_", "%5F", StringComparison.Ordinal)}:{service.Value}"), key.Value)).GetProperty("active").GetBoolean());
        foreach (var wrong in new[] { Basic($"{key.KeyId}:{service.Value}"), Basic(service.Value), Basic(":" + service.Value), new("Basic", "%%%"), Basic(new string('a', 600)) })
            await SendAsync(wrong, key.Value).ShouldBeInvalidKeyAsync();

        using var elsewhere = server.CreateClient();
        elsewhere.DefaultRequestHeaders.Authorization = Basic($"{key.KeyId}:{key.Value}");
        await elsewhere.GetAsync("/api/v1/incidents").ShouldBeProblemAsync(401, "missing_credentials", challenge: "Bearer realm=\"api\"");
    }

    [Fact]
    public async Task Who_may_not_ask_is_told_nothing()
    {
        var key = await server.CreateKeyAsync();

        await SendAsync(null, key.Value).ShouldBeProblemAsync(401, "missing_credentials", challenge: "Bearer realm=\"api\"");
        await SendAsync(Bearer(key), key.Value).ShouldBeProblemAsync(
            403, "insufficient_scope", challenge: "Bearer error=\"insufficient_scope\", scope=\"api-keys:verify\"");
    }

    [Fact]
    public async Task A_form_with_one_token_is_needed()
    {
        var service = await ServiceAsync();

        await SendAsync(Bearer(service), form: []).ShouldBeInvalidAsync("token");
        await SendAsync(Bearer(service), form: [new("token", "a"), new("token", "b")]).ShouldBeInvalidAsync("token");
        await SendAsync(Bearer(service), form: [new("token", "")]).ShouldBeInvalidAsync("token");
        await SendAsync(Bearer(service), new StringContent("{}", Encoding.UTF8, "application/json")).ShouldBeProblemAsync(415, "unsupported_media_type");
    }

    private Task<IssuedKey> ServiceAsync() => server.CreateKeyAsync(new { name = "Gateway", roles = new[] { "verifier" } });

    private static AuthenticationHeaderValue Bearer(IssuedKey key) => new("Bearer", key.Value);

    private static AuthenticationHeaderValue Basic(string credentials) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));

    private async Task<JsonElement> AskAsync(AuthenticationHeaderValue service, string token)
    {
        using var answer = await SendAsync(service, token);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        return await answer.ReadJsonAsync(200);
    }

    private Task<HttpResponseMessage> SendAsync(AuthenticationHeaderValue? service, string token) =>
        SendAsync(service, form: [new("token", token), new("token_type_hint", "access_token")]);

    private Task<HttpResponseMessage> SendAsync(AuthenticationHeaderValue? service, IEnumerable<KeyValuePair<string, string>> form) =>
        SendAsync(service, new FormUrlEncodedContent(form));

    private async Task<HttpResponseMessage> SendAsync(AuthenticationHeaderValue? service, HttpContent content)
    {
        using var client = server.CreateClient();
        client.DefaultRequestHeaders.Authorization = service;
        using (content)
            return await client.PostAsync("/oauth2/introspect", content);
    }
}
