using System.Net.Http.Json;
using ApiKeys.Server.Keys;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Keys;

public sealed class KeyPolicyTests(KeyPolicyTests.StrictServer server) : IClassFixture<KeyPolicyTests.StrictServer>
{
    private const string Path = "/api/admin/api-keys";

    [Theory]
    [InlineData("""{"name": "A", "scopes": ["search:read"], "expires_in_days": 31}""", false)]
    [InlineData("""{"name": "A", "scopes": ["search:read"], "expires_in_days": null}""", false)]
    [InlineData("""{"name": "A", "scopes": ["search:read"], "expires_in_days": 30}""", true)]
    public async Task A_key_lives_no_longer_than_the_policy_allows(string body, bool isAllowed)
    {
        var request = server.Operator.PostAsync(Path, Body.Json(body));
        if (isAllowed)
            await (await request).ReadJsonAsync(201);
        else
            await request.ShouldBeInvalidAsync("expires_in_days");
    }

    [Fact]
    public async Task Neither_an_edit_nor_a_rotation_gets_around_it()
    {
        var key = await server.CreateKeyAsync();
        Assert.Equal(server.Clock.GetUtcNow().AddDays(30), key.Answer!.Value.Instant("expires_at")); // the default

        await server.PatchAsync(key.KeyId, new { expires_in_days = 31 }).ShouldBeInvalidAsync("expires_in_days");
        await server.PatchAsync(key.KeyId, new { expires_in_days = (int?)null }).ShouldBeInvalidAsync("expires_in_days");
        await server.PatchAsync(key.KeyId, new { name = "B" }).ShouldBeAcceptedAsync();
        await server.Operator.PostAsJsonAsync($"{Path}/{key.KeyId}/rotate", new { expires_in_days = 31 }).ShouldBeInvalidAsync("expires_in_days");
        await server.Operator.PostAsJsonAsync($"{Path}/{key.KeyId}/rotate", new { expires_in_days = (int?)null }).ShouldBeAcceptedAsync();
    }

    [Theory]
    [InlineData(365, null, 0)]
    [InlineData(90, null, 0)]
    [InlineData(90, 90, 0)]
    [InlineData(90, 91, 1)]
    [InlineData(90, 0, 1)]
    [InlineData(0, null, 1)]
    [InlineData(366, null, 1)]
    public void What_is_wrong_with_the_policy_is_told(int max, int? @default, int errors) =>
        Assert.Equal(errors, new KeyPolicy { MaxExpiresInDays = max, DefaultExpiresInDays = @default }.Errors().Count());

    /// <summary>30 days at most, and no key for ever.</summary>
    public sealed class StrictServer : TestServer
    {
        protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
        {
            ["KeyPolicy:MaxExpiresInDays"] = "30",
            ["KeyPolicy:AllowNoExpiration"] = "false",
        };
    }
}
