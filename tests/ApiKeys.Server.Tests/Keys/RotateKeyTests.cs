using System.Net.Http.Json;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Keys;

public sealed class RotateKeyTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_rotation_gives_a_new_value_under_the_same_key_id_and_both_work()
    {
        var key = await server.CreateKeyAsync();

        var rotated = await server.RotateAsync(key.KeyId, new { grace_period_days = 7, expires_in_days = 30 });

        Assert.Equal(["key_id", "api_key", "expires_at", "previous_key_expires_at"], rotated.EnumerateObject().Select(m => m.Name));
        Assert.Equal(key.KeyId, rotated.Text("key_id"));
        Assert.NotEqual(key.Value, rotated.Text("api_key"));
        Assert.Equal(server.Clock.GetUtcNow().AddDays(30), rotated.Instant("expires_at"));
        Assert.Equal(server.Clock.GetUtcNow().AddDays(7), rotated.Instant("previous_key_expires_at"));
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
        await server.CallAsync(rotated.Text("api_key")!).ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task The_old_value_works_until_the_grace_period_ends_and_not_a_millisecond_longer()
    {
        var key = await server.CreateKeyAsync();
        var rotated = await server.RotateAsync(key.KeyId, new { grace_period_days = 7 });

        server.Clock.SetUtcNow(rotated.Instant("previous_key_expires_at")!.Value.AddMilliseconds(-1));
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();

        server.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await server.CallAsync(key.Value).ShouldBeInvalidKeyAsync();
        await server.CallAsync(rotated.Text("api_key")!).ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task No_body_means_seven_days_of_grace_and_the_expiry_that_stands()
    {
        var key = await server.CreateKeyAsync(new { name = "A key", scopes = new[] { "incidents:read" }, expires_in_days = 100 });
        var expiresAt = server.Clock.GetUtcNow().AddDays(100);
        server.Clock.Advance(TimeSpan.FromDays(1));

        using var response = await server.Operator.PostAsync($"/api/admin/api-keys/{key.KeyId}/rotate", content: null);

        var rotated = await response.ReadJsonAsync(200);
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Equal(expiresAt, rotated.Instant("expires_at"));
        Assert.Equal(server.Clock.GetUtcNow().AddDays(7), rotated.Instant("previous_key_expires_at"));
    }

    [Fact]
    public async Task Grace_zero_ends_the_old_value_at_once()
    {
        var key = await server.CreateKeyAsync();

        var rotated = await server.RotateAsync(key.KeyId, new { grace_period_days = 0 });

        Assert.Null(rotated.Instant("previous_key_expires_at"));
        await server.CallAsync(key.Value).ShouldBeInvalidKeyAsync();
        Assert.Equal("1970-01-01", (await server.QuerySqlAsync<string>( // an end that is past whatever time a node takes it to be
            $"select to_char(previous_expires_at at time zone 'utc', 'YYYY-MM-DD') as \"Value\" from api_keys where key_id = {key.KeyId}")).Single());
    }

    [Fact]
    public async Task Rotating_during_grace_ends_the_older_value_at_once()
    {
        var first = await server.CreateKeyAsync();
        var second = await server.RotateAsync(first.KeyId);
        var third = await server.RotateAsync(first.KeyId);

        await server.CallAsync(first.Value).ShouldBeInvalidKeyAsync();
        await server.CallAsync(second.Text("api_key")!).ShouldBeAcceptedAsync();
        await server.CallAsync(third.Text("api_key")!).ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task The_old_value_never_outlives_the_key()
    {
        var key = await server.CreateKeyAsync();

        var rotated = await server.RotateAsync(key.KeyId, new { grace_period_days = 90, expires_in_days = 1 });

        Assert.Equal(rotated.Instant("expires_at"), rotated.Instant("previous_key_expires_at"));
    }

    [Fact]
    public async Task A_rotation_brings_an_expired_key_back_but_not_its_old_value()
    {
        var key = await server.CreateKeyAsync(new { name = "A key", scopes = new[] { "incidents:read" }, expires_in_days = 1 });
        server.Clock.Advance(TimeSpan.FromDays(1));
        var path = $"/api/admin/api-keys/{key.KeyId}/rotate";

        await server.Operator.PostAsJsonAsync(path, new { grace_period_days = 7 }).ShouldBeInvalidAsync("expires_in_days");
        var rotated = await server.RotateAsync(key.KeyId, new { grace_period_days = 7, expires_in_days = 30 });

        Assert.Null(rotated.Instant("previous_key_expires_at"));
        await server.CallAsync(key.Value).ShouldBeInvalidKeyAsync();
        await server.CallAsync(rotated.Text("api_key")!).ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task The_row_tells_of_the_rotation()
    {
        var key = await server.CreateKeyAsync();
        server.Clock.Advance(TimeSpan.FromHours(1));
        var rotated = await server.RotateAsync(key.KeyId);

        var row = await server.GetKeyAsync(key.KeyId);

        Assert.Equal(server.Clock.GetUtcNow(), row.Instant("last_rotated_at"));
        Assert.Equal(server.Clock.GetUtcNow(), row.Instant("updated_at"));
        Assert.Equal(rotated.Instant("previous_key_expires_at"), row.Instant("previous_key_expires_at"));
    }

    [Fact]
    public async Task A_revoked_key_is_not_rotated()
    {
        var key = await server.CreateKeyAsync();
        await server.RevokeAsync(key.KeyId);

        await server.Operator.PostAsJsonAsync($"/api/admin/api-keys/{key.KeyId}/rotate", new { })
            .ShouldBeProblemAsync(409, "key_revoked");
    }

    [Theory]
    [InlineData("k_000000000000")]
    [InlineData("k_%F0%9F%94%91")]
    [InlineData("x")]
    public async Task An_unknown_key_is_not_found(string keyId) =>
        await server.Operator.PostAsJsonAsync($"/api/admin/api-keys/{keyId}/rotate", new { }).ShouldBeProblemAsync(404, "not_found");

    [Theory]
    [InlineData("""{"grace_period_days": -1}""", "grace_period_days")]
    [InlineData("""{"grace_period_days": 91}""", "grace_period_days")]
    [InlineData("""{"grace_period_days": null}""", "grace_period_days")]
    [InlineData("""{"grace_period_days": 1.5}""", "grace_period_days")]
    [InlineData("""{"expires_in_days": 0}""", "expires_in_days")]
    [InlineData("""{"expires_in_days": 366}""", "expires_in_days")]
    [InlineData("""{"expires_in_days": "30"}""", "expires_in_days")]
    [InlineData("""{"grace_days": 3}""", "grace_days")]
    public async Task A_bad_request_is_refused_and_changes_nothing(string body, string field)
    {
        var key = await server.CreateKeyAsync();

        await server.Operator.PostAsync($"/api/admin/api-keys/{key.KeyId}/rotate", Body.Json(body)).ShouldBeInvalidAsync(field);

        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
        Assert.Null((await server.GetKeyAsync(key.KeyId)).Instant("last_rotated_at"));
    }
}
