using ApiKeys.Server.Database;
using ApiKeys.Server.Tests.Fixtures;
using Npgsql;

namespace ApiKeys.Server.Tests.Database;

public sealed class PrimaryTests
{
    [Fact]
    public async Task A_transaction_that_nobody_goes_on_with_does_not_keep_its_locks()
    {
        await using var database = Primary.Connect(await TestPostgres.CreateDatabaseAsync());

        Assert.Equal("5s", await PatienceAsync(database));
    }

    [Fact]
    public async Task What_a_pooler_shares_with_others_is_left_as_it_is()
    {
        await using var pooler = await PgBouncer.StartAsync(await TestPostgres.CreateDatabaseAsync());
        await using var database = Primary.Connect(pooler.ConnectionString);

        Assert.Equal("0", await PatienceAsync(database));
    }

    private static async Task<object?> PatienceAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("show idle_in_transaction_session_timeout");
        return await command.ExecuteScalarAsync();
    }
}
