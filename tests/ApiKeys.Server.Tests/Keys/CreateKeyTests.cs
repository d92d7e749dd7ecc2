using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Keys;

public sealed class CreateKeyTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Path = "/api/admin/api-keys";

    [Fact]
    public async Task The_answer_has_the_value_and_every_field()
    {
        using var response = await server.Operator.PostAsync(Path, Body.Json(
            """
            { "name": "SOAR Integration", "description": "API key for Palo Alto XSOAR integration",
              "scopes": ["investigations:read", "incidents:read"], "roles": [], "expires_in_days": 365,
              "environment": "live", "rate_limit": {"requests": 100, "window_seconds": 60},
              "allowed_ips": ["203.0.113.0/24"], "metadata": {"team": "soc"}, "organization": null, "owner": null }
            """));

        var key = await response.ReadJsonAsync(201);
        var (keyId, value, now) = (key.Text("key_id"), key.Text("api_key")!, server.Clock.GetUtcNow());
        Assert.Equal($"{Path}/{keyId}", response.Headers.Location!.ToString());
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Matches("^sk_live_k_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$", value);
        Assert.Equal(
            $$"""
            {"id":"{{key.Text("id")}}","key_id":"{{keyId}}","api_key":"{{value}}","name":"SOAR Integration",
            "scopes":["incidents:read","investigations:read"],"expires_at":"2027-03-27T00:00:00Z","header_name":"X-API-Key",
            "key_prefix":"sk_live_{{keyId}}","description":"API key for Palo Alto XSOAR integration","status":"active","environment":"live",
            "organization":"default","owner":"admin@example.com","roles":[],"created_by":"admin@example.com","created_at":"2026-03-27T00:00:00Z",
            "updated_at":"2026-03-27T00:00:00Z","last_used_at":null,"last_rotated_at":null,"previous_key_expires_at":null,"previous_key_last_used_at":null,"revoked_at":null,
            "revoked_by":null,"rate_limit":{"requests":100,"window_seconds":60},"allowed_ips":["203.0.113.0/24"],"metadata":{"team":"soc"}
            """.ReplaceLineEndings("") + "}",
            key.GetRawText());
        Assert.Equal(now.AddDays(365), key.Instant("expires_at"));
    }

    [Fact]
    public async Task Name_and_one_scope_are_enough()
    {
        var key = await server.CreateKeyAsync(new { name = "CI Pipeline", scopes = new[] { "incidents:read" } });

        Assert.Null(key.Answer!.Value.Text("description"));
        Assert.Equal("live", key.Answer.Value.Text("environment"));
        Assert.Equal(server.Clock.GetUtcNow().AddDays(365), key.Answer.Value.Instant("expires_at"));
    }

    [Fact]
    public async Task A_role_instead_of_scopes_gives_what_it_holds()
    {
        var key = await server.CreateKeyAsync(new { name = "Viewer", roles = new[] { "soc_viewer" } });

        Assert.Empty(key.Answer!.Value.Texts("scopes"));
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
        await server.CallAsync(key.Value, "/api/v1/search?q=ransomware").ShouldBeAcceptedAsync();
        await server.CallAsync(key.Value, "/api/v1/graph/inc-1").ShouldBeProblemAsync(
            403, "insufficient_scope", "API key does not have the required scope: graph:read",
            "Bearer error=\"insufficient_scope\", scope=\"graph:read\"");
    }

    [Fact]
    public async Task Only_an_explicit_null_makes_a_key_that_never_expires()
    {
        using var response = await server.Operator.PostAsync(
            Path, Body.Json("""{"name": "For ever", "scopes": ["incidents:read"], "expires_in_days": null}"""));

        Assert.Null((await response.ReadJsonAsync(201)).Instant("expires_at"));
    }

    [Fact]
    public async Task Names_are_trimmed_scopes_sorted_and_addresses_spelled_one_way()
    {
        var key = await server.CreateKeyAsync(new
        {
            name = "  Grüße 世界 🔑  ",
            description = " ten chars. ",
            scopes = new[] { "search:read", "incidents:read", "search:read" },
            allowed_ips = new[] { "2001:DB8:0::/32", "203.0.113.7", "203.0.113.7/32" },
        });

        Assert.Equal("Grüße 世界 🔑", key.Answer!.Value.Text("name"));
        Assert.Equal("ten chars.", key.Answer.Value.Text("description"));
        Assert.Equal(["incidents:read", "search:read"], key.Answer.Value.Texts("scopes"));
        Assert.Equal(["2001:db8::/32", "203.0.113.7/32"], key.Answer.Value.Texts("allowed_ips"));
    }

    [Fact]
    public async Task Nothing_of_the_value_is_stored_but_its_salted_hash()
    {
        var key = await server.CreateKeyAsync();

        var salt = (await server.QuerySqlAsync<byte[]>($"select secret_salt as \"Value\" from api_keys where key_id = {key.KeyId}")).Single();
        var hash = (await server.QuerySqlAsync<byte[]>($"select secret_hash as \"Value\" from api_keys where key_id = {key.KeyId}")).Single();

        Assert.Equal(16, salt.Length);
        Assert.Equal(SHA256.HashData([.. salt, .. Encoding.ASCII.GetBytes(key.Value)]), hash);
    }

    [Theory]
    [InlineData("""{}""", "name", "scopes")]
    [InlineData("""{"name": "", "scopes": ["incidents:read"]}""", "name")]
    [InlineData("""{"name": "\u200b", "scopes": ["incidents:read"]}""", "name")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "is_expiry_given": true}""", "is_expiry_given")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "a.b": true}""", "a.b")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "a b": true}""", "a b")]
    [InlineData("""{"name": "   ", "scopes": ["incidents:read"]}""", "name")]
    [InlineData("""{"name": null, "scopes": ["incidents:read"]}""", "name")]
    [InlineData("""{"name": 7, "scopes": ["incidents:read"]}""", "name")]
    [InlineData("""{"name": "A\u0000B", "scopes": ["incidents:read"]}""", "name")]
    [InlineData("""{"name": "A\nB", "scopes": ["incidents:read"]}""", "name")]
    [InlineData("""{"name": "A\u001b[31mB", "scopes": ["incidents:read"]}""", "name")]
    [InlineData("""{"name": "A\u202eB", "scopes": ["incidents:read"]}""", "name")]
    [InlineData("""{"name": "A\u2028B", "scopes": ["incidents:read"]}""", "name")]
    [InlineData("""{"name": "A\ud800B", "scopes": ["incidents:read"]}""", "name")]
    [InlineData("""{"name": "A", "name": "B", "scopes": ["incidents:read"]}""", "name")]
    [InlineData("""{"Name": "A", "scopes": ["incidents:read"]}""", "Name")]
    [InlineData("""{"nmae": "A", "scopes": ["incidents:read"]}""", "nmae")]
    [InlineData("""{"name": "A", "key_id": "k_000000000000", "scopes": ["incidents:read"]}""", "key_id")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "description": "too short"}""", "description")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "description": "    nine char    "}""", "description")]
    [InlineData("""{"name": "A", "scopes": []}""", "scopes")]
    [InlineData("""{"name": "A", "scopes": "incidents:read"}""", "scopes")]
    [InlineData("""{"name": "A", "scopes": [null]}""", "scopes")]
    [InlineData("""{"name": "A", "scopes": ["a\u0000:b"]}""", "scopes")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read", "incidents:raed"]}""", "scopes")]
    [InlineData("""{"name": "A", "roles": ["nobody"]}""", "roles")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "expires_in_days": 0}""", "expires_in_days")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "expires_in_days": -1}""", "expires_in_days")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "expires_in_days": 366}""", "expires_in_days")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "expires_in_days": 1e99}""", "expires_in_days")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "environment": "prod"}""", "environment")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "environment": 0}""", "environment")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "environment": "LIVE"}""", "environment")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "environment": "live,test"}""", "environment")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "rate_limit": {"requests": 0, "window_seconds": 60}}""", "rate_limit.requests")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "rate_limit": {"requests": 1}}""", "rate_limit.window_seconds")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "allowed_ips": ["203.0.113.7/24"]}""", "allowed_ips[0]")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "allowed_ips": ["10.1", "::1"]}""", "allowed_ips[0]")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "allowed_ips": ["localhost"]}""", "allowed_ips[0]")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "allowed_ips": ["010.0.0.0/8"]}""", "allowed_ips[0]")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "allowed_ips": ["::ffff:203.0.113.7"]}""", "allowed_ips[0]")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "allowed_ips": ["203.0.113.7/33"]}""", "allowed_ips[0]")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "allowed_ips": ["fe80::1%1"]}""", "allowed_ips[0]")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "metadata": {"team": 1}}""", "metadata.team")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "metadata": {"team": null}}""", "metadata")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "metadata": {"": "x"}}""", "metadata")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "metadata": {"team": "a\u0000b"}}""", "metadata")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "owner": "nobody@example.com"}""", "owner")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "owner": "a\u0000b"}""", "owner")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "organization": "nowhere"}""", "organization")]
    [InlineData("""{"name": "A", "scopes": ["incidents:read"], "organization": "a\u0000b"}""", "organization")]
    public async Task A_bad_field_is_named_and_nothing_is_made(string body, params string[] fields)
    {
        var before = (await server.ListAsync()).GetProperty("total").GetInt32();

        await server.Operator.PostAsync(Path, Body.Json(body)).ShouldBeInvalidAsync(fields);

        Assert.Equal(before, (await server.ListAsync()).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Lengths_are_counted_in_characters_as_people_count_them()
    {
        var name = string.Concat(Enumerable.Repeat("🔑", 100));

        await server.CreateKeyAsync(new { name, description = name, scopes = new[] { "incidents:read" } });
        await server.Operator.PostAsJsonAsync(Path, new { name = name + "🔑", description = name + "🔑", scopes = new[] { "incidents:read" } })
            .ShouldBeInvalidAsync("name", "description");
    }

    [Fact]
    public async Task Every_unknown_scope_is_named()
    {
        using var response = await server.Operator.PostAsJsonAsync(Path, new { name = "A", scopes = new[] { "a:b", "incidents:read", "c:d" } });

        var problem = await response.ReadJsonAsync(400);
        Assert.Equal("must be in the catalog, and these are not: 'a:b', 'c:d'", problem.GetProperty("errors").GetProperty("scopes")[0].GetString());
    }

    [Fact]
    public async Task A_value_in_the_wrong_place_is_not_echoed()
    {
        var value = server.OperatorKey.Value;

        using var response = await server.Operator.PostAsync(
            Path, Body.Json($$"""{"name": "A", "scopes": ["{{value}}"], "allowed_ips": ["{{value}}"]}"""));
        using var member = await server.Operator.PostAsync(Path, Body.Json($$"""{"{{value}}": "{{value}}"}"""));

        Assert.DoesNotContain(value[^49..], await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(value[^49..], await member.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await server.Operator.PostAsJsonAsync(
                Path, new { name = $"for {value}", description = value, scopes = new[] { "incidents:read" }, metadata = new { value } })
            .ShouldBeInvalidAsync("name", "description", "metadata");
        await response.ShouldBeProblemAsync(400, "validation_failed");
        await member.ShouldBeProblemAsync(400, "validation_failed");
    }
}
