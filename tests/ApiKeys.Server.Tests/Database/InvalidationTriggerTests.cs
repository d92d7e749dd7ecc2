using ApiKeys.Server.Database;
using ApiKeys.Server.Tests.Fixtures;
using Npgsql;

namespace ApiKeys.Server.Tests.Database;

/// <summary>What the database itself tells the nodes, whoever changes it and in whatever way.</summary>
public sealed class InvalidationTriggerTests : IAsyncLifetime
{
    private NpgsqlDataSource _database = null!;

    public async Task InitializeAsync() => _database = NpgsqlDataSource.Create(await TestPostgres.CreateDatabaseAsync());

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Of_many_rows_a_thousand_are_told_one_by_one_and_then_everything_at_once()
    {
        await AddOrganizationsAsync(1_999);

        await ExecuteAsync("update organizations set suspended = true");

        Assert.Equal(["1000 organization", "1 everything"], await LoggedAsync());
        Assert.Equal(["1001"], await AskAsync("select head::text from invalidation_head"));
    }

    /// <summary>So that a node need not read the log, which is what most changes wait for.</summary>
    [Fact]
    public async Task One_change_is_told_in_full_and_of_several_the_first()
    {
        await AddOrganizationsAsync(2);
        await using var listener = await _database.OpenConnectionAsync();
        var told = new List<string>();
        listener.Notification += (_, notification) => told.Add(notification.Payload);
        await using (var listen = new NpgsqlCommand($"listen {InvalidationTable.Channel}", listener))
            await listen.ExecuteNonQueryAsync();

        await ExecuteAsync("update organizations set suspended = true where slug = 'default'");
        await ExecuteAsync("update organizations set name = 'Another'");
        while (told.Count < 3)
            Assert.True(await listener.WaitAsync(TimeSpan.FromSeconds(30)), "Nothing was told.");

        Assert.Equal(
            await AskAsync("select concat_ws(' ', seq, kind, target, at at time zone 'utc') from invalidations where seq <= 2 order by seq"),
            told.Select(InvalidationPayload.TryParse).OfType<Invalidation>().Select(
                said => $"{said.Seq} organization {said.Target} {said.At:yyyy-MM-dd HH:mm:ss.FFFFFF}"));
        Assert.Equal("", told[^1]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123456789ABCDEF")]
    [InlineData("1 key k_000000000000")]
    [InlineData("1 key k_000000000000 2 3")]
    [InlineData("one key k_000000000000 2")]
    [InlineData("1 telegram k_000000000000 2")]
    [InlineData("1 key k_000000000000 now")]
    [InlineData("1 key k_000000000000 9223372036854775807")]
    public void What_else_is_said_is_no_change(string payload) => Assert.Null(InvalidationPayload.TryParse(payload));

    [Fact]
    public async Task Each_transaction_counts_for_itself()
    {
        await AddOrganizationsAsync(1_001);
        await ExecuteAsync("update organizations set suspended = true");

        await ExecuteAsync("update organizations set name = 'Another' where slug = 'default'");

        Assert.Equal(["1001 organization", "1 everything"], await LoggedAsync());
    }

    [Fact]
    public async Task What_a_savepoint_takes_back_is_neither_told_nor_counted()
    {
        await AddOrganizationsAsync(1_001);

        await ExecuteAsync(
            """
            begin;
            savepoint before;
            update organizations set suspended = true;
            set constraints all immediate;
            rollback to before;
            update organizations set suspended = true where slug = 'default';
            commit
            """);

        Assert.Equal(["1 organization"], await LoggedAsync());
    }

    [Theory]
    [InlineData("api_keys")]
    [InlineData("members")]
    [InlineData("organizations")]
    public async Task An_emptied_table_is_told_as_everything(string table)
    {
        await ExecuteAsync($"truncate {table} cascade");

        Assert.Equal(["1 everything"], await LoggedAsync());
    }

    [Fact]
    public async Task A_change_is_told_to_the_nodes_of_its_own_schema_whatever_stands_first_in_the_path_of_who_makes_it()
    {
        await ExecuteAsync(
            """
            create schema other;
            create table other.invalidation_head as table invalidation_head;
            create table other.invalidations (like invalidations);
            """);

        await ExecuteAsync(
            """
            create temp table invalidation_head as table invalidation_head;
            set search_path = other, public;
            update public.organizations set suspended = true;
            """);

        Assert.Equal(["1"], await AskAsync("select head::text from public.invalidation_head"));
        Assert.Equal(["0"], await AskAsync("select head::text from other.invalidation_head"));
    }

    [Theory]
    [InlineData("off", "on")]
    [InlineData("local", "local")]
    [InlineData("remote_apply", "remote_apply")]
    public async Task A_change_is_never_committed_asynchronously(string setting, string used)
    {
        await using var connection = await _database.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(
            $"""
            set synchronous_commit = {setting};
            begin;
            update organizations set suspended = true;
            set constraints all immediate; -- as the commit will do
            select current_setting('synchronous_commit');
            """,
            connection);

        Assert.Equal(used, await command.ExecuteScalarAsync());
    }

    private Task AddOrganizationsAsync(int count) => ExecuteAsync(
        $"""
        insert into organizations (id, slug, name, plan, created_at, suspended)
        select gen_random_uuid(), 'o' || i, 'One of many', 'hobby', now(), false from generate_series(1, {count}) as i
        """);

    /// <summary>How many of each kind, in the order in which they were told.</summary>
    private Task<List<string>> LoggedAsync() =>
        AskAsync("select count(*) || ' ' || kind from invalidations group by kind order by min(seq)");

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<List<string>> AskAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));

        return lines;
    }
}
