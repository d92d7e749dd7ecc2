using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Keys;

public sealed class RevokeKeyTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_revoked_key_is_refused_at_once_and_told_so()
    {
        var key = await server.CreateKeyAsync();
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();

        var row = await server.RevokeAsync(key.KeyId);

        Assert.Equal("revoked", row.Text("status"));
        Assert.Equal(server.Clock.GetUtcNow(), row.Instant("revoked_at"));
        Assert.Equal("admin@example.com", row.Text("revoked_by"));
        await server.CallAsync(key.Value).ShouldBeProblemAsync(
            401, "revoked_key", "The API key was revoked and will never work again. Ask an administrator for a new one.", Answers.InvalidToken);
    }

    [Fact]
    public async Task A_revoke_ends_the_secret_in_its_grace_period_too()
    {
        var key = await server.CreateKeyAsync();
        var rotated = await server.RotateAsync(key.KeyId, new { grace_period_days = 7 });

        var row = await server.RevokeAsync(key.KeyId);

        Assert.Null(row.Instant("previous_key_expires_at"));
        await server.CallAsync(key.Value).ShouldBeInvalidKeyAsync();
        await server.CallAsync(rotated.Text("api_key")!).ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);
    }

    [Fact]
    public async Task Revoking_again_changes_nothing_and_answers_the_same()
    {
        var key = await server.CreateKeyAsync();
        var first = await server.RevokeAsync(key.KeyId);
        server.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(first.But("propagation"), (await server.RevokeAsync(key.KeyId)).But("propagation"));
    }

    [Fact]
    public async Task A_key_whose_row_of_uses_is_gone_is_shown_and_revoked_like_any_other()
    {
        var key = await server.CreateKeyAsync();
        await server.ExecuteSqlAsync($"delete from key_usage where api_key_id = (select id from api_keys where key_id = {key.KeyId})");

        Assert.Null((await server.GetKeyAsync(key.KeyId)).Instant("last_used_at"));
        Assert.Contains((await server.ListAsync()).GetProperty("api_keys").EnumerateArray(), row => row.Text("key_id") == key.KeyId);
        Assert.Equal("revoked", (await server.RevokeAsync(key.KeyId)).Text("status"));
    }

    [Fact]
    public async Task A_revoked_key_stays_in_the_list()
    {
        var key = await server.CreateKeyAsync();
        await server.RevokeAsync(key.KeyId);

        Assert.Equal("revoked", (await server.GetKeyAsync(key.KeyId)).Text("status"));
        Assert.Equal(1, (await server.ListAsync($"?search={key.KeyId}")).GetProperty("total").GetInt32());
    }

    [Theory]
    [InlineData("k_000000000000")]
    [InlineData("K_000000000000")]
    [InlineData("not-a-key-id")]
    public async Task An_unknown_key_is_not_found(string keyId) =>
        await server.Operator.DeleteAsync($"/api/admin/api-keys/{keyId}").ShouldBeProblemAsync(404, "not_found");

    [Fact]
    public async Task A_bad_reason_is_refused_and_the_key_goes_on_working()
    {
        var key = await server.CreateKeyAsync();

        await server.Operator.DeleteAsync($"/api/admin/api-keys/{key.KeyId}?reason=a%00b").ShouldBeInvalidAsync("reason");
        await server.Operator.DeleteAsync($"/api/admin/api-keys/{key.KeyId}?reason={new string('x', 201)}").ShouldBeInvalidAsync("reason");

        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task An_empty_reason_is_none()
    {
        var key = await server.CreateKeyAsync();

        using var revoked = await server.Operator.DeleteAsync($"/api/admin/api-keys/{key.KeyId}?reason=");

        Assert.Equal("revoked", (await revoked.ReadJsonAsync(200)).Text("status"));
    }
}
