using Npgsql;

namespace ApiKeys.Benchmarks.Statements;

/// <summary>How many rows of what keys are used for were written, added or changed, as PostgreSQL counts them for each table.</summary>
internal static class UsageRows
{
    /// <summary>A connection tells what it has written after ten idle seconds at the latest.</summary>
    public static readonly TimeSpan UntilCounted = TimeSpan.FromSeconds(11);

    private static readonly string[] Tables = ["key_usage", "key_usage_days", "key_usage_addresses"];

    public static async Task<long> CountAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select count(*), sum(n_tup_ins + n_tup_upd)::bigint from pg_stat_user_tables where relname = any($1)");
        command.Parameters.Add(new NpgsqlParameter { Value = Tables });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetInt64(0) == Tables.Length
            ? reader.GetInt64(1)
            : throw new BenchException($"There are not the tables {string.Join(", ", Tables)}.");
    }
}
