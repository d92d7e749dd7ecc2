using ApiKeys.Server.Database;
using Npgsql;

namespace ApiKeys.Server.Lookup;

/// <summary>The statements themselves, over connections of their own: however busy the host's others are, the lease is renewed.</summary>
internal sealed class PostgresNodeStore : IClusterStore
{
    private const long NoHead = -1;

    private readonly NpgsqlDataSource _own;
    private readonly NpgsqlDataSource _others;
    private readonly string _host;

    public PostgresNodeStore(NodeDatabase database)
        : this(database.ForOwnLease, database.ForOthers, Environment.MachineName)
    {
    }

    private PostgresNodeStore(NpgsqlDataSource own, NpgsqlDataSource others, string host) => (_own, _others, _host) = (own, others, host);

    /// <summary>For the lease of somebody who reaches the database by this node.</summary>
    /// <param name="database">This node's.</param>
    /// <param name="name">Who that is: what is written into the table, and nobody else can renew it.</param>
    public static PostgresNodeStore ForReader(NodeDatabase database, string name) => new(database.ForReaders, database.ForOthers, name);

    public async Task<DateTimeOffset> RegisterAsync(Guid lease, TimeSpan length, CancellationToken cancellationToken)
    {
        await using var command = _own.CreateCommand(
            """
            insert into node_leases (id, beat, acked, lease_milliseconds, host, registered_at)
            select $1, 1, 0, $2, $3, clock_timestamp() where current_setting('synchronous_commit') <> 'off'
            returning registered_at
            """);
        Add(command, lease, (int)length.TotalMilliseconds, _host);
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime registeredAt
            ? new DateTimeOffset(registeredAt)
            : throw new InvalidOperationException(
                "synchronous_commit is off for this connection: the row of a lease could be lost in a crash, and then no change would wait for "
                + "this node. Set it to on, for the role, the database or the server; until then nothing is answered from memory.");
    }

    public async Task<Renewal?> RenewAsync(
        Guid lease, long beat, long acked, DateTimeOffset? ackedAt, CancellationToken cancellationToken)
    {
        await using var command = _own.CreateCommand(
            """
            update node_leases set beat = beat + 1, acked = least($3, (select head from invalidation_head))
            where id = $1 and host = $5 and beat >= $2 and ($4::timestamptz is null or exists (select from invalidations where seq = $3 and at = $4))
            returning beat, (select head from invalidation_head), clock_timestamp()
            """);
        Add(command, lease, beat, acked, ackedAt ?? (object)DBNull.Value, _host);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new Renewal(reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2))
            : null;
    }

    public async Task<bool> AcknowledgeAsync(Guid lease, long beat, Invalidation applied, CancellationToken cancellationToken)
    {
        await using var command = _own.CreateCommand(
            """
            update node_leases set acked = $3
            where id = $1 and host = $5 and beat >= $2 and acked = $3 - 1
                and exists (select from invalidations where seq = $3 and at = $4)
                and set_config('synchronous_commit', 'off', true) = 'off'
            """);
        Add(command, lease, beat, applied.Seq, applied.At, _host);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    public async Task<InvalidationLog> ReadLogAsync(long from, int limit, CancellationToken cancellationToken)
    {
        await using var command = _own.CreateCommand(
            """
            select pg_is_in_recovery(), head.head, last.at, entry.seq, entry.kind, entry.target, entry.at
            from invalidation_head as head
                left join invalidations as last on last.seq = head.head
                left join invalidations as entry on entry.seq >= $1
            order by entry.seq limit $2
            """);
        Add(command, from, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (head, headAt, entries) = (NoHead, (DateTimeOffset?)null, new List<Invalidation>());
        while (await reader.ReadAsync(cancellationToken))
        {
            Primary.Require(isInRecovery: reader.GetBoolean(0));
            head = reader.GetInt64(1);
            headAt = reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2);
            if (reader.IsDBNull(3))
                break;

            entries.Add(new Invalidation
            {
                Seq = reader.GetInt64(3),
                Kind = Enum.TryParse<InvalidationKind>(reader.GetString(4), ignoreCase: true, out var kind) ? kind : InvalidationKind.Unknown,
                Target = reader.GetString(5),
                At = reader.GetFieldValue<DateTimeOffset>(6),
            });
        }

        return new InvalidationLog(Known(head), headAt, entries);
    }

    public async Task<NodesSeen> LookAsync(CancellationToken cancellationToken)
    {
        await using var command = _others.CreateCommand(
            """
            select pg_is_in_recovery(), head.head, lease.id, lease.beat, lease.acked, lease.lease_milliseconds
            from invalidation_head as head left join node_leases as lease on true
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (head, leases) = (NoHead, new List<LeaseSeen>());
        while (await reader.ReadAsync(cancellationToken))
        {
            Primary.Require(isInRecovery: reader.GetBoolean(0));
            head = reader.GetInt64(1);
            if (!reader.IsDBNull(2))
                leases.Add(new LeaseSeen(
                    reader.GetGuid(2), reader.GetInt64(3), reader.GetInt64(4), TimeSpan.FromMilliseconds(reader.GetInt32(5))));
        }

        return new NodesSeen(Known(head), leases);
    }

    public Task FenceAsync(Guid lease, long beat, CancellationToken cancellationToken) =>
        ExecuteAsync(_others, "delete from node_leases where id = $1 and beat = $2", cancellationToken, lease, beat);

    public Task LeaveAsync(Guid lease, CancellationToken cancellationToken) =>
        ExecuteAsync(_own, "delete from node_leases where id = $1 and host = $2", cancellationToken, lease, _host);

    public Task TrimAsync(CancellationToken cancellationToken) => ExecuteAsync(
        _others,
        """
        delete from invalidations where seq < (select max(seq) from invalidations where at < clock_timestamp() - interval '1 hour')
        """,
        cancellationToken);

    public bool IsUnavailable(Exception exception) => DatabaseFaults.IsUnavailable(exception);

    /// <summary>Where the row is gone, nobody knows what has changed, and no row of a lease was seen.</summary>
    private static long Known(long head) => head != NoHead ? head : throw new InvalidOperationException(
        "The table invalidation_head is empty, so nobody can tell what has changed. Restore its row: the id 1, and a head that is higher than any before.");

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = source.CreateCommand(sql);
        Add(command, values);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void Add(NpgsqlCommand command, params object[] values)
    {
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
    }
}
