using ApiKeys.Server.Lookup;
using Npgsql;

namespace ApiKeys.Server.Verification.RateLimits;

/// <summary>The function <c>take_allowances</c>, which counts in the table <c>rate_limit_windows</c>.</summary>
internal sealed class PostgresAllowanceStore(NodeDatabase database) : IAllowanceStore
{
    public async Task<IReadOnlyList<Grant>> TakeAsync(IReadOnlyList<Want> wants, CancellationToken cancellationToken)
    {
        await using var command = database.ForLimits.CreateCommand("select * from take_allowances($1, $2, $3, $4, $5, $6)");
        Add(command, wants, want => want.KeyId);
        Add(command, wants, want => want.Limit.Requests);
        Add(command, wants, want => want.Limit.WindowSeconds);
        Add(command, wants, want => want.Wanted);
        Add(command, wants, want => want.Least);
        Add(command, wants, want => want.Extra);

        var grants = new List<Grant>(wants.Count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            grants.Add(new Grant(reader.GetInt64(0), reader.GetInt32(1), reader.GetInt32(2), TimeSpan.FromMicroseconds(reader.GetInt64(3))));

        return grants;
    }

    public async Task GiveBackAsync(IReadOnlyList<Rest> rests, CancellationToken cancellationToken)
    {
        await using var command = database.ForLimits.CreateCommand("select give_back_allowances($1, $2, $3, $4)");
        Add(command, rests, rest => rest.KeyId);
        Add(command, rests, rest => rest.WindowSeconds);
        Add(command, rests, rest => rest.Window);
        Add(command, rests, rest => rest.Amount);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void Add<TRow, TValue>(NpgsqlCommand command, IEnumerable<TRow> rows, Func<TRow, TValue> value) =>
        command.Parameters.Add(new NpgsqlParameter { Value = rows.Select(value).ToArray() });
}
