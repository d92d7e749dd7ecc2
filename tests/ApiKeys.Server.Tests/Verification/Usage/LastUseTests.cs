using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Verification.Usage;

public sealed class LastUseTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_use_is_shown_once_it_is_written_and_the_row_of_the_key_is_left_alone()
    {
        var key = await server.CreateKeyAsync();
        Assert.Null((await server.GetKeyAsync(key.KeyId)).Instant("last_used_at"));
        var before = await RowVersionAsync(key);

        server.Clock.Advance(TimeSpan.FromMinutes(1));
        var used = server.Clock.GetUtcNow();
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
        await server.FlushUsageAsync();

        Assert.Equal(used, (await server.GetKeyAsync(key.KeyId)).Instant("last_used_at"));
        Assert.Equal(used, (await server.ListAsync($"?search={key.KeyId}")).GetProperty("api_keys")[0].Instant("last_used_at"));
        Assert.Equal(before, await RowVersionAsync(key));
    }

    [Fact]
    public async Task An_earlier_use_never_overwrites_a_later_one()
    {
        var key = await server.CreateKeyAsync();
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
        var later = server.Clock.GetUtcNow().AddMinutes(5);
        await server.ExecuteSqlAsync($"update key_usage set last_used_at = {later} from api_keys where id = api_key_id and key_id = {key.KeyId}");

        await server.FlushUsageAsync();

        Assert.Equal(later, (await server.GetKeyAsync(key.KeyId)).Instant("last_used_at"));
    }

    [Fact]
    public async Task What_cannot_be_written_is_kept_and_stops_nothing()
    {
        var key = await server.CreateKeyAsync();
        await server.ExecuteSqlAsync($"alter table key_usage rename to key_usage_away");
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
        await Assert.ThrowsAsync<Npgsql.PostgresException>(server.FlushUsageAsync);
        await server.ExecuteSqlAsync($"alter table key_usage_away rename to key_usage");

        await server.FlushUsageAsync();

        Assert.NotNull((await server.GetKeyAsync(key.KeyId)).Instant("last_used_at"));
    }

    [Fact]
    public async Task A_refused_key_was_not_used()
    {
        var key = await server.CreateKeyAsync();
        await server.RevokeAsync(key.KeyId);
        await server.CallAsync(key.Value).ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);

        await server.FlushUsageAsync();

        Assert.Null((await server.GetKeyAsync(key.KeyId)).Instant("last_used_at"));
    }

    /// <summary>PostgreSQL writes a new version of a row whenever it is updated, even with the same values.</summary>
    private async Task<string> RowVersionAsync(IssuedKey key) =>
        (await server.QuerySqlAsync<string>($"select ctid || ' ' || xmin as \"Value\" from api_keys where key_id = {key.KeyId}")).Single();
}
