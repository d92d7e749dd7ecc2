using System.Net.Http.Json;
using System.Text.Json;
using ApiKeys.Server.Tests.Fixtures;
using ApiKeys.Server.Tests.Verification.RateLimits;

namespace ApiKeys.Server.Tests.Verification;

/// <summary>What another service is told of a key that was presented to it.</summary>
public sealed class VerifyKeyTests(TestServer server) : IClassFixture<TestServer>, IAsyncLifetime
{
    private HttpClient _service = null!;

    public async Task InitializeAsync() => _service = server.CreateClient((await server.CreateKeyAsync("api-keys:verify")).Value);

    public Task DisposeAsync()
    {
        _service.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Of_an_accepted_key_all_that_a_service_needs()
    {
        var key = await server.CreateKeyAsync(new
        {
            name = "SOAR",
            scopes = new[] { "search:read" },
            roles = new[] { "soc_viewer" },
            environment = "test",
            metadata = new { team = "soc" },
            rate_limit = new { requests = 5, window_seconds = RateWindows.Long },
        });

        var answer = await AskAsync(new { api_key = key.Value, scopes = new[] { "incidents:read" } });

        var reset = answer.GetProperty("rate_limit").GetProperty("reset_seconds").GetInt32();
        Assert.Equal(
            $$$"""
            {"valid":true,"code":"valid","detail":null,"key_id":"{{{key.KeyId}}}","name":"SOAR","organization":"default","owner":"admin@example.com","scopes":["incidents:read","search:read"],"environment":"test","expires_at":"2027-03-27T00:00:00Z","metadata":{"team":"soc"},"rate_limit":{"limit":5,"remaining":4,"reset_seconds":{{{reset}}}}}
            """,
            answer.GetRawText());
        Assert.InRange(reset, 1, RateWindows.Long);
    }

    [Fact]
    public async Task Of_a_refused_one_what_its_presenter_may_know()
    {
        var revoked = await server.CreateKeyAsync();
        await server.RevokeAsync(revoked.KeyId);

        await ShouldBeRefusedAsync(new { api_key = "garbage" }, "invalid_key", keyId: null);
        await ShouldBeRefusedAsync(new { api_key = "" }, "invalid_key", keyId: null);
        await ShouldBeRefusedAsync(new { api_key = new string('x', 60_000) }, "invalid_key", keyId: null);
        await ShouldBeRefusedAsync(new { api_key = ApiKeyValue.Generate("sk", KeyEnvironment.Live, revoked.KeyId).Reveal() }, "invalid_key", keyId: null);
        await ShouldBeRefusedAsync(new { api_key = revoked.Value }, "revoked_key", revoked.KeyId);
    }

    [Fact]
    public async Task It_must_hold_every_scope_that_is_named_and_one_that_opens_the_path()
    {
        var key = await server.CreateKeyAsync("incidents:read", "graph:read");

        await ShouldBeAcceptedAsync(new { api_key = key.Value, method = "GET", path = "/api/v1/incidents/7?x=y" });
        await ShouldBeAcceptedAsync(new { api_key = key.Value, scopes = new[] { "graph:read" }, method = "GET", path = "/api/v1/incidents" });
        await ShouldBeRefusedAsync(
            new { api_key = key.Value, scopes = new[] { "search:read", "graph:read" } }, "insufficient_scope", key.KeyId,
            "API key does not have the required scope: search:read");
        await ShouldBeRefusedAsync(
            new { api_key = key.Value, method = "GET", path = "/api/v1/search" }, "insufficient_scope", key.KeyId,
            "API key does not have the required scope: search:read");
        await ShouldBeRefusedAsync(
            new { api_key = key.Value, method = "GET", path = "/nowhere" }, "insufficient_scope", key.KeyId,
            "No scope opens this method and path. Ask an administrator to add it to the catalog.");
    }

    [Fact]
    public async Task A_key_for_some_addresses_is_judged_by_that_of_its_client()
    {
        var key = await server.CreateKeyAsync(new { name = "A", scopes = new[] { "incidents:read" }, allowed_ips = new[] { "203.0.113.0/24" } });

        await ShouldBeAcceptedAsync(new { api_key = key.Value, ip = "203.0.113.7" });
        await ShouldBeAcceptedAsync(new { api_key = key.Value, ip = "::ffff:203.0.113.7" });
        await ShouldBeRefusedAsync(new { api_key = key.Value, ip = "198.51.100.1" }, "ip_not_allowed", key.KeyId);
        await ShouldBeRefusedAsync(new { api_key = key.Value }, "ip_not_allowed", key.KeyId);
    }

    [Fact]
    public async Task A_request_may_cost_more_than_one_or_nothing()
    {
        var key = await server.CreateKeyAsync(
            new { name = "A", scopes = new[] { "incidents:read" }, rate_limit = new { requests = 10, window_seconds = RateWindows.Long } });

        Assert.Equal(10, await RemainingAsync(new { api_key = key.Value, cost = 0 }));
        Assert.Equal(3, await RemainingAsync(new { api_key = key.Value, cost = 7 }));
        await ShouldBeRefusedAsync(new { api_key = key.Value, cost = 4 }, "rate_limited", key.KeyId);
        Assert.Equal(0, await RemainingAsync(new { api_key = key.Value, cost = 3 }));
        await ShouldBeRefusedAsync(new { api_key = key.Value }, "rate_limited", key.KeyId);
        await ShouldBeRefusedAsync(new { api_key = key.Value, cost = 1_000_000_000 }, "rate_limited", key.KeyId);

        async Task<int> RemainingAsync(object request) => (await AskAsync(request)).GetProperty("rate_limit").GetProperty("remaining").GetInt32();
    }

    [Theory]
    [InlineData("""{}""", "api_key")]
    [InlineData("""{"api_key": null}""", "api_key")]
    [InlineData("""{"api_key": "x", "cost": -1}""", "cost")]
    [InlineData("""{"api_key": "x", "cost": 1000000001}""", "cost")]
    [InlineData("""{"api_key": "x", "method": "GET"}""", "path")]
    [InlineData("""{"api_key": "x", "path": "/"}""", "method")]
    [InlineData("""{"api_key": "x", "ip": "1"}""", "ip")]
    [InlineData("""{"api_key": "x", "ip": "010.0.0.1"}""", "ip")]
    [InlineData("""{"api_key": "x", "scopes": [""]}""", "scopes[0]")]
    [InlineData("""{"api_key": "x", "scopes": [null]}""", "scopes[0]")]
    [InlineData("""{"api_key": "x", "scope": "a:b"}""", "scope")]
    public async Task What_makes_no_sense_is_told_by_field(string body, string field)
    {
        using var content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        await _service.PostAsync("/api/v1/api-keys/verify", content).ShouldBeInvalidAsync(field);
    }

    [Fact]
    public async Task A_value_is_never_told_back()
    {
        var key = await server.CreateKeyAsync();
        using var content = new StringContent(
            $$"""{"api_key": ["{{key.Value}}"], "scopes": ["{{key.Value}}"]}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var refused = await _service.PostAsync("/api/v1/api-keys/verify", content);
        using var scope = await _service.PostAsJsonAsync("/api/v1/api-keys/verify", new { api_key = key.Value, scopes = new[] { key.Value }, method = key.Value, path = "/" + key.Value });

        foreach (var answer in new[] { refused, scope })
        {
            Assert.Equal(400, (int)answer.StatusCode);
            Assert.DoesNotContain(key.Value, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(server.Logs.Lines, line => line.Contains(key.Value, StringComparison.Ordinal));
    }

    private async Task<JsonElement> AskAsync(object request)
    {
        using var answer = await _service.PostAsJsonAsync("/api/v1/api-keys/verify", request);
        var body = await answer.ReadJsonAsync(200);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        return body;
    }

    private async Task ShouldBeAcceptedAsync(object request) => Assert.Equal("valid", (await AskAsync(request)).Text("code"));

    private async Task ShouldBeRefusedAsync(object request, string code, string? keyId, string? detail = null)
    {
        var answer = await AskAsync(request);
        Assert.Equal((false, code, keyId), (answer.GetProperty("valid").GetBoolean(), answer.Text("code"), answer.Text("key_id")));
        Assert.NotEmpty(answer.Text("detail")!);
        Assert.Equal(detail ?? answer.Text("detail"), answer.Text("detail"));
        string[] told = ["valid", "code", "detail", "key_id", "rate_limit"];
        Assert.All(answer.EnumerateObject(), member => Assert.True(told.Contains(member.Name) || member.Value.ValueKind == JsonValueKind.Null, member.Name));
    }
}
