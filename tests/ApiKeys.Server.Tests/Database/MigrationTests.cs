using ApiKeys.Server.Database;
using ApiKeys.Server.Model;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace ApiKeys.Server.Tests.Database;

/// <summary>What an earlier version has written is there, and in order, after the schema has moved on.</summary>
public sealed class MigrationTests
{
    [Fact]
    public async Task Keys_uses_and_events_of_an_earlier_schema_live_on()
    {
        await using var source = NpgsqlDataSource.Create(await TestPostgres.NameMissingDatabaseAsync());
        var options = new DbContextOptionsBuilder<ApiKeysDbContext>();
        options.UseApiKeysPostgres(source);
        await using var db = new ApiKeysDbContext(options.Options);
        await db.GetService<IMigrator>().MigrateAsync("Initial");
        await db.Database.ExecuteSqlRawAsync(
            """
            insert into organizations values ('00000000-0000-0000-0000-000000000001', 'default', 'Default', 'enterprise', now());
            insert into api_keys (id, key_id, organization_id, prefix, environment, name, scopes, roles, allowed_ips, metadata, enabled,
                created_by, created_at, updated_at, version, secret_hash, secret_salt)
            select ('00000000-0000-0000-0000-00000000000' || i)::uuid, 'k_00000000000' || i, '00000000-0000-0000-0000-000000000001', 'sk', 'live',
                'Old', array['search:read', 'incidents:read'], array['soc_viewer'], array[]::text[], '{{}}', true, 'a@b', '2026-01-01', '2026-01-01', 1,
                decode(repeat('00', 32), 'hex'), decode(repeat('00', 16), 'hex')
            from generate_series(2, 3) as i;
            insert into key_usage values ('00000000-0000-0000-0000-000000000002', '2026-02-02');
            insert into audit_events (id, at, organization_id, action, target_type, target_id, changes)
            values (gen_random_uuid(), now(), '00000000-0000-0000-0000-000000000001', 'key.created', 'api_key', 'k_000000000002', '{{"name": {{"to": "Old"}}}}');
            """);

        await db.GetService<IMigrator>().MigrateAsync();

        Assert.Equal(
            ["2026-02-02", "2026-01-01"],
            await db.KeyUsage.OrderBy(use => use.ApiKeyId).Select(use => use.IdleSince.Date.ToString("yyyy-MM-dd")).ToListAsync());
        Assert.Equal(6, await db.KeyGrants.CountAsync());
        Assert.Equal(AuditOutcome.Success, (await db.AuditEvents.SingleAsync()).Outcome);
        Assert.False((await db.Organizations.SingleAsync()).Suspended);
        await db.GetService<IMigrator>().MigrateAsync("Initial"); // and back
        await db.Database.EnsureDeletedAsync();
    }

    [Fact]
    public async Task The_database_keeps_the_grants_of_each_key()
    {
        await using var server = new TestServerOn(await TestPostgres.CreateDatabaseAsync());
        await server.InitializeAsync();
        var key = await server.CreateKeyAsync(new { name = "A", scopes = new[] { "search:read" }, roles = new[] { "soc_viewer" } });
        Assert.Equal(["search:read", "soc_viewer"], await GrantsAsync());

        await server.EditAsync(key.KeyId, new { scopes = new[] { "graph:read" }, roles = Array.Empty<string>() });
        Assert.Equal(["graph:read"], await GrantsAsync());

        async Task<IEnumerable<string>> GrantsAsync() => (await server.QuerySqlAsync<string>(
            $"select key_grants.name as \"Value\" from key_grants join api_keys on id = api_key_id where key_id = {key.KeyId}")).Order();
    }
}
