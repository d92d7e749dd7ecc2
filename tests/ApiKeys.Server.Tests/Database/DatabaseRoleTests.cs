using System.Runtime.CompilerServices;
using ApiKeys.Server.Tests.Fixtures;
using ApiKeys.Server.Verification.Usage;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ApiKeys.Server.Tests.Database;

/// <summary>The recommended role can do all that the product does, and cannot touch the audit trail.</summary>
public sealed class DatabaseRoleTests(RestrictedServer server) : IClassFixture<RestrictedServer>
{
    [Fact]
    public async Task The_role_can_do_all_that_the_product_does()
    {
        await server.Operator.GetAsync("/api/admin/api-keys/k_000000000000").ShouldBeProblemAsync(404, "not_found");
        var key = await server.CreateKeyAsync();
        using var rotate = new HttpRequestMessage(HttpMethod.Post, $"/api/admin/api-keys/{key.KeyId}/rotate");
        rotate.Headers.Add("Idempotency-Key", $"{Guid.CreateVersion7(server.Clock.GetUtcNow())}");
        using var rotated = await server.Operator.SendAsync(rotate);
        await rotated.ReadJsonAsync(200);
        await server.EditAsync(key.KeyId, new { rate_limit = new { requests = 100, window_seconds = 60 } });
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
        await server.FlushUsageAsync();
        await server.Services.GetRequiredService<UsageWriter>().PruneAsync(default);
        await server.UsageAsync(key.KeyId);
        await server.EditAsync(key.KeyId, new { name = "B" });
        await server.RevokeAsync(key.KeyId);
        await server.AddOrganizationAsync("acme", "pro");
        await server.EditOrganizationAsync("acme", new { plan = "ultra" });
        await server.AddAdministratorAsync("acme");
        await server.CreateKeyAsync(new { name = "A", scopes = new[] { "search:read" }, organization = "acme" });
        var member = await server.AddMemberAsync("a@example.com");
        (await server.Operator.PatchAsync($"/api/admin/members/{member}", new { firstname = "A" })).EnsureSuccessStatusCode();
        (await server.Operator.DeleteAsync($"/api/admin/members/{member}")).EnsureSuccessStatusCode();

        Assert.Single(await server.AuditAsync("?action=key.read"));
        Assert.Single(await server.DoneAsync("?action=member.removed"));
        await Eventually.AnswersAsync(200, () => server.Operator.GetAsync("/health/ready"));
    }

    [Theory]
    [InlineData("update audit_events set action = 'nothing'")]
    [InlineData("delete from audit_events")]
    [InlineData("truncate audit_events")]
    [InlineData("drop table audit_events")]
    [InlineData("alter table audit_events disable trigger all")]
    [InlineData("delete from api_keys")]
    [InlineData("delete from organizations")]
    public async Task The_role_cannot_unmake_what_was_done(string sql)
    {
        await server.CreateKeyAsync();

        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => server.ExecuteSqlAsync(FormattableStringFactory.Create(sql)));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }
}
