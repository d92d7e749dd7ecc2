using Npgsql;

namespace ApiKeys.Benchmarks.Statements;

/// <summary>PostgreSQL's own count of what it was asked: the extension <c>pg_stat_statements</c>, seen from another database.</summary>
internal sealed class StatementCount : IAsyncDisposable
{
    public const string Library = "pg_stat_statements";

    private readonly NpgsqlConnection _connection;

    private StatementCount(NpgsqlConnection connection) => _connection = connection;

    public static async Task<StatementCount> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var count = new StatementCount(new NpgsqlConnection(connectionString));
        await count._connection.OpenAsync(cancellationToken);
        await count.ExecuteAsync($"create extension {Library}", cancellationToken);
        return count;
    }

    public Task ResetAsync(CancellationToken cancellationToken) => ExecuteAsync("select pg_stat_statements_reset()", cancellationToken);

    /// <returns>Each statement with the number of its calls since the reset; whatever a transaction needs besides included.</returns>
    public async Task<IReadOnlyList<(long Calls, string Text)>> ReadAsync(string database, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select calls, left(regexp_replace(query, '\s+', ' ', 'g'), 100) from pg_stat_statements
            where dbid = (select oid from pg_database where datname = $1) order by calls desc
            """,
            _connection);
        command.Parameters.Add(new NpgsqlParameter { Value = database });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var statements = new List<(long Calls, string Text)>();
        while (await reader.ReadAsync(cancellationToken))
            statements.Add((reader.GetInt64(0), reader.GetString(1)));

        return statements;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
