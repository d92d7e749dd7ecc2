using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Verification;

public sealed class AuthenticationTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Path = "/api/v1/incidents";

    [Fact]
    public async Task A_key_is_accepted_in_either_header()
    {
        var key = await server.CreateKeyAsync();

        await SendAsync(("X-API-Key", key.Value)).ShouldBeAcceptedAsync();
        await SendAsync(("x-api-key", key.Value)).ShouldBeAcceptedAsync();
        await SendAsync(("Authorization", $"Bearer {key.Value}")).ShouldBeAcceptedAsync();
        await SendAsync(("Authorization", $"bearer  {key.Value}")).ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task Nothing_presented_is_401_missing_credentials()
    {
        const string detail = "No API key was presented. Send one as 'X-API-Key: <key>' or as 'Authorization: Bearer <key>'.";

        await SendAsync().ShouldBeProblemAsync(401, "missing_credentials", detail, "Bearer realm=\"api\"");
        await SendAsync(("X-API-Key", "")).ShouldBeProblemAsync(401, "missing_credentials", detail, "Bearer realm=\"api\"");
        await SendAsync(("Authorization", "Bearer")).ShouldBeProblemAsync(401, "missing_credentials", detail, "Bearer realm=\"api\"");
        await SendAsync(("Authorization", "Basic dXNlcjpwYXNz")).ShouldBeProblemAsync(401, "missing_credentials", detail, "Bearer realm=\"api\"");
    }

    [Fact]
    public async Task A_key_in_the_query_string_is_none()
    {
        var key = await server.CreateKeyAsync();
        using var client = server.CreateClient();

        await client.GetAsync($"{Path}?api_key={key.Value}&access_token={key.Value}")
            .ShouldBeProblemAsync(401, "missing_credentials", challenge: "Bearer realm=\"api\"");
    }

    [Fact]
    public async Task Two_keys_are_400_ambiguous_credentials_even_if_they_are_the_same()
    {
        var key = await server.CreateKeyAsync();

        await SendAsync(("X-API-Key", key.Value), ("Authorization", $"Bearer {key.Value}")).ShouldBeProblemAsync(400, "ambiguous_credentials");
        await SendAsync(("X-API-Key", key.Value), ("X-API-Key", key.Value)).ShouldBeProblemAsync(400, "ambiguous_credentials");
        await SendAsync(("Authorization", $"Bearer {key.Value}"), ("Authorization", $"Bearer {key.Value}"))
            .ShouldBeProblemAsync(400, "ambiguous_credentials");
    }

    [Fact]
    public async Task Malformed_unknown_and_wrong_are_told_alike()
    {
        var key = await server.CreateKeyAsync();
        var unknown = ApiKeyValue.Generate("sk", KeyEnvironment.Live, KeyIds.Generate()).Reveal();
        var wrong = ApiKeyValue.Generate("sk", KeyEnvironment.Live, key.KeyId).Reveal();

        await server.CallAsync("garbage").ShouldBeInvalidKeyAsync();
        await server.CallAsync(new string('x', 5000)).ShouldBeInvalidKeyAsync();
        await server.CallAsync(key.Value[..^1]).ShouldBeInvalidKeyAsync();
        await server.CallAsync($"{key.Value}, {key.Value}").ShouldBeInvalidKeyAsync();
        await server.CallAsync(unknown).ShouldBeInvalidKeyAsync();
        await server.CallAsync(wrong).ShouldBeInvalidKeyAsync();
    }

    [Fact]
    public async Task A_test_key_shows_in_its_value_that_it_is_one()
    {
        var key = await server.CreateKeyAsync(new { name = "A key", scopes = new[] { "incidents:read" }, environment = "test" });

        Assert.StartsWith("sk_test_k_", key.Value, StringComparison.Ordinal);
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task An_expired_key_is_told_so_at_the_very_millisecond()
    {
        var key = await server.CreateKeyAsync(new { name = "A key", scopes = new[] { "incidents:read" }, expires_in_days = 1 });

        server.Clock.SetUtcNow(key.Answer!.Value.Instant("expires_at")!.Value.AddMilliseconds(-1));
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();

        server.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await server.CallAsync(key.Value).ShouldBeProblemAsync(
            401, "expired_key", "The API key has expired. Ask an administrator to rotate it with a new expiry, or to create another.",
            Answers.InvalidToken);
    }

    [Fact]
    public async Task A_disabled_key_is_told_so()
    {
        var key = await server.CreateKeyAsync();
        await server.ExecuteSqlAsync($"update api_keys set enabled = false where key_id = {key.KeyId}");

        await server.CallAsync(key.Value).ShouldBeProblemAsync(
            401, "disabled_key", "The API key is disabled. Ask an administrator to enable it.", Answers.InvalidToken);
    }

    [Fact]
    public async Task A_key_from_an_address_that_is_not_allowed_is_403()
    {
        var key = await server.CreateKeyAsync(new { name = "A key", scopes = new[] { "incidents:read" }, allowed_ips = new[] { "203.0.113.0/24" } });

        await server.CallAsync(key.Value).ShouldBeProblemAsync(403, "ip_not_allowed");
    }

    [Fact]
    public async Task A_missing_scope_is_named()
    {
        var key = await server.CreateKeyAsync("incidents:read");
        using var client = server.CreateClient(key.Value);

        await client.PostAsync("/api/v1/investigations/start", Body.Json("{}")).ShouldBeProblemAsync(
            403, "insufficient_scope", "API key does not have the required scope: investigations:write",
            "Bearer error=\"insufficient_scope\", scope=\"investigations:write\"");
    }

    [Theory]
    [InlineData("GET", "/api/admin/api-keys", "api-keys:read")]
    [InlineData("GET", "/api/admin/api-keys/k_000000000000", "api-keys:read")]
    [InlineData("POST", "/api/admin/api-keys", "api-keys:write")]
    [InlineData("POST", "/api/admin/api-keys/k_000000000000/rotate", "api-keys:write")]
    [InlineData("DELETE", "/api/admin/api-keys/k_000000000000", "api-keys:write")]
    public async Task Management_needs_its_scope(string method, string path, string scope)
    {
        var key = await server.CreateKeyAsync("incidents:read");
        using var client = server.CreateClient(key.Value);
        using var anonymous = server.CreateClient();

        await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path)).ShouldBeProblemAsync(
            403, "insufficient_scope", $"API key does not have the required scope: {scope}",
            $"Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
        await anonymous.SendAsync(new HttpRequestMessage(new HttpMethod(method), path)).ShouldBeProblemAsync(
            401, "missing_credentials", challenge: "Bearer realm=\"api\"");
    }

    private async Task<HttpResponseMessage> SendAsync(params (string Name, string Value)[] headers)
    {
        using var client = server.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        foreach (var (name, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));

        return await client.SendAsync(request);
    }
}
