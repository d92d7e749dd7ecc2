using System.Text.Json;
using ApiKeys.Server.Tests.Fixtures;
using Npgsql;

namespace ApiKeys.Server.Tests.Lookup;

public sealed class NotificationsHealthTests
{
    [Fact]
    public async Task A_host_is_ready_once_it_listens_and_not_while_its_listener_is_lost()
    {
        var database = new NpgsqlConnectionStringBuilder(await TestPostgres.CreateDatabaseAsync());
        await using var server = await TestCluster.StartAsync(database.ConnectionString);
        Assert.Equal("healthy", Check(await Eventually.AnswersAsync(200, ReadyAsync)));

        // Who is connected stays so; nobody else comes in.
        await ExecuteAsync($"alter database {database.Database} allow_connections false");
        await ExecuteAsync(
            $"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database.Database}' and query = 'listen apikeys_invalidations'");
        Assert.Equal("Nobody listens for changes at the moment.", Check(await Eventually.AnswersAsync(503, ReadyAsync)));

        await ExecuteAsync($"alter database {database.Database} allow_connections true");
        Assert.Equal("healthy", Check(await Eventually.AnswersAsync(200, ReadyAsync)));

        Task<HttpResponseMessage> ReadyAsync() => server.Operator.GetAsync("/health/ready");

        async Task ExecuteAsync(string sql)
        {
            await using var connection = new NpgsqlConnection(
                new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    private static string? Check(JsonElement report) => report.GetProperty("checks").Text("notifications");
}
