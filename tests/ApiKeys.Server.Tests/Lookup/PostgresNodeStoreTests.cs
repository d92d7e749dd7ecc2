using ApiKeys.Server.Lookup;
using ApiKeys.Server.Tests.Fixtures;
using Npgsql;

namespace ApiKeys.Server.Tests.Lookup;

public sealed class PostgresNodeStoreTests : IAsyncLifetime
{
    /// <summary>The database is asked once, and has a fifth of it to answer, on a machine that has much else to do.</summary>
    private static readonly LookupOptions Patient = new() { LeaseSeconds = 60 };

    private string _database = "";

    public async Task InitializeAsync() => _database = await TestPostgres.CreateDatabaseAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task However_many_changes_wait_for_nodes_the_lease_is_renewed()
    {
        await using var nodes = new NodeDatabase(_database, new LookupOptions { LeaseSeconds = 10 });
        var store = new PostgresNodeStore(nodes);
        var lease = Guid.CreateVersion7(DateTimeOffset.UnixEpoch);
        await store.RegisterAsync(lease, TimeSpan.FromSeconds(1), default);

        var waiting = new List<NpgsqlConnection>();
        while (await Record.ExceptionAsync(async () => waiting.Add(await nodes.ForOthers.OpenConnectionAsync())) is null)
        {
            // Until there is none left.
        }

        Assert.NotNull(await store.RenewAsync(lease, 0, 0, ackedAt: null, default));
        await store.ReadLogAsync(0, 10, default);
        await store.LeaveAsync(lease, default);
        foreach (var connection in waiting)
            await connection.DisposeAsync();
    }

    /// <summary>What was acknowledged before somebody put an older copy of the database in the place of ours is not acknowledged in that.</summary>
    [Fact]
    public async Task An_older_row_is_not_renewed_and_nothing_is_acknowledged_that_there_has_not_been()
    {
        await using var nodes = new NodeDatabase(_database, Patient);
        var store = new PostgresNodeStore(nodes);
        var lease = Guid.CreateVersion7(DateTimeOffset.UnixEpoch);
        await store.RegisterAsync(lease, TimeSpan.FromSeconds(10), default);

        Assert.Null(await store.RenewAsync(lease, beat: 2, acked: 7, ackedAt: null, default));
        Assert.Equal((1, 0), (Row().Beat, Row().Acked));

        Assert.Equal(2, (await store.RenewAsync(lease, beat: 1, acked: long.MaxValue, ackedAt: null, default))!.Beat);
        Assert.Equal((await store.LookAsync(default)).Head, Row().Acked);

        LeaseSeen Row() => store.LookAsync(default).Result.Leases.Single();
    }

    [Fact]
    public async Task Only_what_comes_next_in_this_very_log_is_acknowledged_alone()
    {
        await using var nodes = new NodeDatabase(_database, Patient);
        var store = new PostgresNodeStore(nodes);
        var lease = Guid.CreateVersion7(DateTimeOffset.UnixEpoch);
        await store.RegisterAsync(lease, TimeSpan.FromSeconds(10), default);
        await using (var change = nodes.ForOthers.CreateCommand("update organizations set name = name || '.'"))
        {
            await change.ExecuteNonQueryAsync();
            await change.ExecuteNonQueryAsync();
        }

        var log = (await store.ReadLogAsync(0, 10, default)).Entries;
        var elsewhere = new Invalidation { Seq = 1, Kind = log[0].Kind, Target = log[0].Target, At = log[0].At.AddMicroseconds(1) };

        Assert.False(await store.AcknowledgeAsync(lease, beat: 1, log[1], default)); // not the next
        Assert.False(await store.AcknowledgeAsync(lease, beat: 1, elsewhere, default));
        Assert.False(await store.AcknowledgeAsync(lease, beat: 2, log[0], default)); // an older row
        Assert.True(await store.AcknowledgeAsync(lease, beat: 1, log[0], default));
        Assert.False(await store.AcknowledgeAsync(lease, beat: 1, log[0], default));
        Assert.True(await store.AcknowledgeAsync(lease, beat: 1, log[1], default));

        var row = (await store.LookAsync(default)).Leases.Single();
        Assert.Equal((1, 2), (row.Beat, row.Acked));
        Assert.Null(await store.RenewAsync(lease, beat: 1, acked: 1, elsewhere.At, default)); // a log that says something else there
        Assert.NotNull(await store.RenewAsync(lease, beat: 1, acked: 1, log[0].At, default));
    }

    /// <summary>A node that applied it, and nothing since, finds that the log goes on from there.</summary>
    [Fact]
    public async Task What_is_old_is_removed_but_for_the_last_before_what_is_new()
    {
        await using var nodes = new NodeDatabase(_database, Patient);
        var store = new PostgresNodeStore(nodes);
        await using var fill = nodes.ForOthers.CreateCommand(
            """
            insert into invalidations
            select i, 'everything', '', clock_timestamp() - case when i < 4 then interval '2 hours' else interval '2 minutes' end
            from generate_series(1, 5) as i;
            update invalidation_head set head = 5
            """);
        await fill.ExecuteNonQueryAsync();

        await store.TrimAsync(default);
        Assert.Equal([3, 4, 5], (await store.ReadLogAsync(0, 10, default)).Entries.Select(entry => entry.Seq));

        await using var age = nodes.ForOthers.CreateCommand("update invalidations set at = at - interval '1 hour'");
        await age.ExecuteNonQueryAsync();
        await store.TrimAsync(default);
        Assert.Equal([5], (await store.ReadLogAsync(0, 10, default)).Entries.Select(entry => entry.Seq));
    }

    [Theory]
    [InlineData("on", true)]
    [InlineData("local", true)]
    [InlineData("off", false)]
    public async Task No_lease_is_taken_where_its_row_could_be_lost_after_it_was_committed(string synchronousCommit, bool isTaken)
    {
        await using var nodes = new NodeDatabase($"{_database};Options=-c synchronous_commit={synchronousCommit}", Patient);
        var store = new PostgresNodeStore(nodes);

        var refused = await Record.ExceptionAsync(
            () => store.RegisterAsync(Guid.CreateVersion7(DateTimeOffset.UnixEpoch), TimeSpan.FromSeconds(10), default));

        Assert.Equal(isTaken, refused is null);
        Assert.Equal(isTaken ? 1 : 0, (await store.LookAsync(default)).Leases.Count);
        if (!isTaken)
            Assert.Contains("Set it to on", Assert.IsType<InvalidOperationException>(refused).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_row_of_the_head_nobody_is_told_that_nothing_has_changed_or_that_there_are_no_nodes()
    {
        await using var nodes = new NodeDatabase(_database, Patient);
        var store = new PostgresNodeStore(nodes);
        await store.RegisterAsync(Guid.CreateVersion7(DateTimeOffset.UnixEpoch), TimeSpan.FromSeconds(10), default);
        Assert.Single((await store.LookAsync(default)).Leases);

        await using var database = NpgsqlDataSource.Create(_database);
        await using var emptied = database.CreateCommand("delete from invalidation_head");
        await emptied.ExecuteNonQueryAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => store.LookAsync(default));
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.ReadLogAsync(0, 10, default));
    }
}
