using System.Diagnostics;
using Npgsql;

namespace ApiKeys.Benchmarks.Revoke;

/// <summary>The least that a durable change can be: one row, one prepared statement that commits by itself, one connection.</summary>
internal sealed class PlainCommit : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _update;

    private PlainCommit(NpgsqlConnection connection)
    {
        _connection = connection;
        _update = new NpgsqlCommand("update one_row set count = count + 1 where id = 1", connection);
    }

    public static async Task<PlainCommit> CreateAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        await using (var create = new NpgsqlCommand(
            "create table one_row (id int primary key, count int not null); insert into one_row values (1, 0)", connection))
            await create.ExecuteNonQueryAsync(cancellationToken);

        var row = new PlainCommit(connection);
        await row._update.PrepareAsync(cancellationToken);
        return row;
    }

    public async Task<TimeSpan> MeasureAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var rows = await _update.ExecuteNonQueryAsync(cancellationToken);
        var elapsed = Stopwatch.GetElapsedTime(started);
        return rows == 1 ? elapsed : throw new BenchException("The row is gone.");
    }

    public async ValueTask DisposeAsync()
    {
        await _update.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
