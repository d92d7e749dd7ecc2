using System.Text.Json;
using ApiKeys.Server.Model;
using Npgsql;
using NpgsqlTypes;

namespace ApiKeys.Benchmarks.List;

/// <summary>
/// Copies sample keys into the real tables. Indexes that are no constraint are made anew after it, and foreign keys are not
/// looked at meanwhile: a million keys take a minute then, and not ten.
/// </summary>
internal static class KeyFill
{
    private const string KeyColumns =
        "id, key_id, organization_id, prefix, environment, name, description, scopes, roles, allowed_ips, metadata, enabled, "
        + "secret_salt, secret_hash, previous_expires_at, previous_salt, previous_hash, created_by, created_at, updated_at, "
        + "expires_at, last_rotated_at, revoked_at, revoked_by, version";

    private static readonly string[] Networks = ["203.0.113.0/24"];

    public static async Task FillAsync(NpgsqlDataSource database, int count, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await RunAsync("set session_replication_role = replica; set maintenance_work_mem = '512MB'");
        var organization = (Guid)(await ScalarAsync("select id from organizations where slug = 'default'"))!;
        var indexes = (string[])(await ScalarAsync(
            """
            select coalesce(array_agg(indexdef), '{}') from pg_indexes
            where tablename in ('api_keys', 'key_usage') and indexname !~ '_(pkey|key)$'
            """))!;
        await RunAsync(
            """
            do $$ declare name text; begin
              for name in select indexname from pg_indexes where tablename in ('api_keys', 'key_usage') and indexname !~ '_(pkey|key)$'
              loop execute 'drop index ' || name; end loop;
            end $$
            """);

        var now = TimeProvider.System.Now();
        await CopyAsync($"copy api_keys ({KeyColumns}) from stdin (format binary)", (writer, key) => WriteKeyAsync(writer, key, organization));
        await CopyAsync(
            "copy key_usage (api_key_id, organization_id, created_at, last_used_at, previous_last_used_at) from stdin (format binary)",
            (writer, key) => WriteUsageAsync(writer, key, organization));

        // As the trigger does for keys that come one by one.
        await RunAsync("insert into key_grants select distinct unnest(scopes || roles), organization_id, id from api_keys order by 1, 2, 3");
        foreach (var index in indexes)
            await RunAsync(index);

        await RunAsync("vacuum analyze");

        async Task CopyAsync(string sql, Func<NpgsqlBinaryImporter, SampleKey, Task> write)
        {
            await using var writer = await connection.BeginBinaryImportAsync(sql, cancellationToken);
            foreach (var key in new SampleKeys(count, now).All())
            {
                cancellationToken.ThrowIfCancellationRequested();
                await writer.StartRowAsync(cancellationToken);
                await write(writer, key);
            }

            await writer.CompleteAsync(cancellationToken);
        }

        async Task RunAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        async Task<object?> ScalarAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            return await command.ExecuteScalarAsync(cancellationToken);
        }
    }

    private static async Task WriteKeyAsync(NpgsqlBinaryImporter row, SampleKey key, Guid organization)
    {
        await row.WriteAsync(key.Id);
        await row.WriteAsync(key.KeyId);
        await row.WriteAsync(organization);
        await row.WriteAsync("sk");
        await row.WriteAsync(key.IsTest ? "test" : "live");
        await row.WriteAsync(key.Name);
        await WriteOrNullAsync(row, key.Description);
        await row.WriteAsync(key.Scopes);
        await row.WriteAsync(key.Roles);
        await row.WriteAsync(key.Hash[0] < 25 ? Networks : []);
        await row.WriteAsync(key.Hash[1] < 128 ? JsonSerializer.Serialize(new { team = $"team-{key.Hash[2]}" }) : "{}", NpgsqlDbType.Jsonb);
        await row.WriteAsync(key.IsEnabled);
        await row.WriteAsync(key.Salt);
        await row.WriteAsync(key.Hash);
        await WriteOrNullAsync(row, key.PreviousExpiresAt);
        await WriteOrNullAsync(row, key.PreviousSalt);
        await WriteOrNullAsync(row, key.PreviousHash);
        await row.WriteAsync("admin@example.com");
        await row.WriteAsync(key.CreatedAt);
        await row.WriteAsync(key.RevokedAt ?? key.RotatedAt ?? key.CreatedAt);
        await WriteOrNullAsync(row, key.ExpiresAt);
        await WriteOrNullAsync(row, key.RotatedAt);
        await WriteOrNullAsync(row, key.RevokedAt);
        await WriteOrNullAsync(row, key.RevokedAt is null ? null : "admin@example.com");
        await row.WriteAsync(key.RevokedAt is null && key.RotatedAt is null ? 1 : 2);
    }

    private static async Task WriteUsageAsync(NpgsqlBinaryImporter row, SampleKey key, Guid organization)
    {
        await row.WriteAsync(key.Id);
        await row.WriteAsync(organization);
        await row.WriteAsync(key.CreatedAt);
        await WriteOrNullAsync(row, key.LastUsedAt);
        await WriteOrNullAsync(row, key.PreviousLastUsedAt);
    }

    private static Task WriteOrNullAsync<T>(NpgsqlBinaryImporter row, T? value) =>
        value is null ? row.WriteNullAsync() : row.WriteAsync(value);

    private static Task WriteOrNullAsync(NpgsqlBinaryImporter row, DateTimeOffset? value) =>
        value is { } at ? row.WriteAsync(at) : row.WriteNullAsync();
}
