using ApiKeys.Server.Lookup;
using Npgsql;

namespace ApiKeys.Server.Verification.RateLimits;

/// <summary>The function <c>take_allowances</c>, which counts in the table <c>rate_limit_windows</c>.</summary>
internal sealed class PostgresAllowanceStore(NodeDatabase database) : IAllowanceStore
{
    public async Task<IReadOnlyList<Grant>> TakeAsync(IReadOnlyList<Want> wants, CancellationToken cancellationToken)
    {
        await using var command = database.ForLimits.CreateCommand("select * from take_allowances($1, $2, $3, $4)");
        command.Parameters.Add(new NpgsqlParameter { Value = wants.Select(want => want.KeyId).ToArray() });
        command.Parameters.Add(new NpgsqlParameter { Value = wants.Select(want => want.Limit.Requests).ToArray() });
        command.Parameters.Add(new NpgsqlParameter { Value = wants.Select(want => want.Limit.WindowSeconds).ToArray() });
        command.Parameters.Add(new NpgsqlParameter { Value = wants.Select(want => want.Wanted).ToArray() });

        var grants = new List<Grant>(wants.Count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            grants.Add(new Grant(reader.GetInt64(0), reader.GetInt32(1), reader.GetInt32(2), TimeSpan.FromMicroseconds(reader.GetInt64(3))));

        return grants;
    }
}
