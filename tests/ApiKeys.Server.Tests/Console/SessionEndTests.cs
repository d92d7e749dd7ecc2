using ApiKeys.Server.Tests.Fixtures;
using Npgsql;

namespace ApiKeys.Server.Tests.Console;

/// <summary>A session lives as long as the key that it was begun with is accepted, and not a request longer.</summary>
public sealed class SessionEndTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task It_ends_when_its_key_is_revoked()
    {
        var (key, visit) = await SignInAsync();
        await visit.ShouldBeInAsync();

        await server.RevokeAsync(key.KeyId);

        await visit.ShouldBeOutAsync("revoked_key");
        Assert.DoesNotContain(Visit.SessionCookie, visit.Cookies.Keys);
        Assert.Contains(
            "Your session has ended: the key that you signed in with was revoked.",
            (await visit.GetAsync("/console/sign-in?ended=revoked_key")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_was_begun_before_its_key_was_revoked_does_nothing_after()
    {
        var target = await server.CreateKeyAsync();
        var (key, visit) = await SignInAsync();
        await visit.GetAsync($"/console/keys/{target.KeyId}/revoke");
        await using var database = new NpgsqlConnection(server.ConnectionString);
        await database.OpenAsync();
        Task<Visit.Reply> sent;
        await using (var transaction = await database.BeginTransactionAsync())
        {
            await ExecuteAsync("lock table key_usage_days");
            sent = visit.PostAsync($"/console/keys/{target.KeyId}/revoke", ("_handler", "revoke"), ("confirm", target.KeyId));
            await Eventually.TrueAsync(
                () => server.QuerySqlAsync<bool>($"select exists (select from pg_locks where not granted and relation = 'key_usage_days'::regclass) as \"Value\"").Result.Single(),
                () => "The page has not come to the use of the key.");
            await server.RevokeAsync(key.KeyId);
            await transaction.RollbackAsync();
        }

        var answer = await sent;

        Assert.Equal(401, answer.Status);
        Assert.Contains("Revoked API key.", answer.Text, StringComparison.Ordinal);
        Assert.Equal("active", (await server.GetKeyAsync(target.KeyId)).Text("status"));
        Assert.Contains(await server.AuditAsync($"?actor={key.KeyId}"), e => e.Text("outcome") == "refused" && e.Text("code") == "revoked_key");

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, database);
            await command.ExecuteNonQueryAsync();
        }
    }

    [Fact]
    public async Task It_ends_when_its_key_is_disabled_and_does_not_come_back_with_it()
    {
        var (key, visit) = await SignInAsync();
        var copy = visit.CopyTo(server);

        await server.EditAsync(key.KeyId, new { enabled = false });
        await visit.ShouldBeOutAsync("disabled_key");

        await server.EditAsync(key.KeyId, new { enabled = true });
        await copy.ShouldBeOutAsync();
    }

    [Fact]
    public async Task It_ends_when_the_organization_is_suspended()
    {
        await server.AddOrganizationAsync("initech");
        var visit = await Visit.SignedInAsync(server, (await server.AddAdministratorAsync("initech")).Value);

        await server.EditOrganizationAsync("initech", new { suspended = true });

        await visit.ShouldBeOutAsync("disabled_key");
    }

    [Fact]
    public async Task It_ends_when_the_owner_of_the_key_is_removed()
    {
        var id = await server.AddMemberAsync("leaver@example.com", "admin");
        var key = await server.CreateKeyAsync(new { name = "Leaver", roles = new[] { "admin" }, owner = "leaver@example.com" });
        var visit = await Visit.SignedInAsync(server, key.Value);

        using var removed = await server.Operator.DeleteAsync($"/api/admin/members/{id}");
        Assert.True(removed.IsSuccessStatusCode);

        await visit.ShouldBeOutAsync("revoked_key");
    }

    [Fact]
    public async Task It_ends_when_its_key_expires()
    {
        var key = await server.CreateKeyAsync(new { name = "Short", roles = new[] { "admin" }, expires_in_days = 1 });
        server.Clock.Advance(TimeSpan.FromDays(1) - TimeSpan.FromMinutes(10));
        var visit = await Visit.SignedInAsync(server, key.Value);
        server.Clock.SetUtcNow(key.Answer!.Value.Instant("expires_at")!.Value.AddMilliseconds(-1));
        await visit.ShouldBeInAsync();

        server.Clock.Advance(TimeSpan.FromMilliseconds(1));

        await visit.ShouldBeOutAsync("expired_key");
    }

    [Fact]
    public async Task It_ends_with_a_rotation_that_has_no_grace_period()
    {
        var (key, visit) = await SignInAsync();

        await server.RotateAsync(key.KeyId, new { grace_period_days = 0 });

        await visit.ShouldBeOutAsync("invalid_key");
    }

    [Fact]
    public async Task It_lives_on_through_a_rotation_until_the_grace_period_ends_and_one_by_the_new_secret_longer()
    {
        var (key, early) = await SignInAsync();
        var rotated = await server.RotateAsync(key.KeyId, new { grace_period_days = 1 });
        await early.ShouldBeInAsync();

        var end = rotated.Instant("previous_key_expires_at")!.Value;
        server.Clock.SetUtcNow(end.AddMinutes(-5));
        var before = await Visit.SignedInAsync(server, key.Value);
        var after = await Visit.SignedInAsync(server, rotated.Text("api_key")!);
        server.Clock.SetUtcNow(end.AddMilliseconds(-1));
        await before.ShouldBeInAsync();

        server.Clock.SetUtcNow(end);

        await before.ShouldBeOutAsync("invalid_key");
        await after.ShouldBeInAsync();
    }

    [Fact]
    public async Task It_ends_with_the_second_rotation_though_the_first_ones_grace_period_has_not_passed()
    {
        var (key, visit) = await SignInAsync();
        await server.RotateAsync(key.KeyId);
        await visit.ShouldBeInAsync();

        await server.RotateAsync(key.KeyId);

        await visit.ShouldBeOutAsync("invalid_key");
    }

    [Fact]
    public async Task It_ends_where_its_key_may_not_be_used_from_any_more()
    {
        var (key, visit) = await SignInAsync();

        await server.EditAsync(key.KeyId, new { allowed_ips = new[] { "203.0.113.0/24" } });

        await visit.ShouldBeOutAsync("ip_not_allowed");
    }

    [Fact]
    public async Task What_its_key_may_no_longer_do_it_may_no_longer_do()
    {
        var (key, visit) = await SignInAsync();

        await server.EditAsync(key.KeyId, new { roles = Array.Empty<string>(), scopes = new[] { "audit:read" } });

        Assert.Equal(403, (await visit.GetAsync("/console/keys")).Status);
    }

    private async Task<(IssuedKey Key, Visit Visit)> SignInAsync()
    {
        var key = await server.CreateKeyAsync(new { name = "Administrator", roles = new[] { "admin" } });
        return (key, await Visit.SignedInAsync(server, key.Value));
    }
}
