using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Keys;

public sealed class GetKeyTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task The_ETag_changes_with_the_key_and_not_with_its_use()
    {
        var key = await server.CreateKeyAsync();
        var first = await TagAsync(key);

        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
        await server.FlushUsageAsync();
        Assert.Equal(first, await TagAsync(key));

        await server.RotateAsync(key.KeyId);
        Assert.NotEqual(first, await TagAsync(key));
    }

    [Theory]
    [InlineData("k_000000000000")]
    [InlineData("k_00000000000")]
    [InlineData("sk_live_k_000000000000")]
    public async Task An_unknown_key_is_not_found(string keyId) =>
        await server.Operator.GetAsync($"/api/admin/api-keys/{keyId}").ShouldBeProblemAsync(
            404, "not_found", "There is no API key with this id in your organization.");

    private async Task<string> TagAsync(IssuedKey key)
    {
        using var response = await server.Operator.GetAsync($"/api/admin/api-keys/{key.KeyId}");
        return response.Headers.ETag!.Tag;
    }
}
