using ApiKeys.Server.Tests.Fixtures;
using Npgsql;
using Xunit.Abstractions;

namespace ApiKeys.Server.Tests.Verification.Usage;

/// <summary>A host in a process of its own: what it has noted is written when it stops, and within one interval of its death.</summary>
public sealed class UsageLossTests(ITestOutputHelper output)
{
    private const int Before = 200;
    private const int After = 50;

    [Fact]
    public async Task A_clean_stop_loses_nothing_and_a_kill_what_was_used_since_the_last_write()
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database);
        await using var administration = await TestCluster.StartAsync(database);
        var key = await administration.CreateKeyAsync();
        var settings = new Dictionary<string, string?>
        {
            ["ConnectionStrings:ApiKeys"] = database,
            ["SampleApi:Enabled"] = "true",
            ["Lookup:LeaseSeconds"] = "1",
            ["Serilog:MinimumLevel:Override:ApiKeys"] = "Warning",
        };

        await using (var host = await HostProcess.StartAsync(settings))
        {
            await CallAsync(host, key.Value, Before);
            Assert.Equal(0, await host.StopAsync());
        }

        Assert.Equal(Before, await CountAsync());

        await using (var host = await HostProcess.StartAsync(settings))
        {
            await CallAsync(host, key.Value, Before);
            await Eventually.TrueAsync(() => CountAsync().GetAwaiter().GetResult() == 2 * Before, () => "Nothing is written while it runs.");
            await CallAsync(host, key.Value, After);
            await host.KillAsync();
        }

        var lost = (2 * Before) + After - await CountAsync();
        output.WriteLine($"Of {(2 * Before) + After} uses a kill lost {lost}");
        Assert.InRange(lost, 0, After);

        async Task<long> CountAsync()
        {
            await using var command = source.CreateCommand("select coalesce(sum(uses), 0)::bigint from key_usage_days where outcome = 'accepted' and secret_number = 1 "
                + $"and api_key_id = (select id from api_keys where key_id = '{key.KeyId}')");
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }

    private static async Task CallAsync(HostProcess host, string key, int times)
    {
        using var client = await host.CreateClientAsync(key);
        for (var i = 0; i < times; i++)
        {
            using var answer = await client.GetAsync("/api/v1/incidents");
            Assert.Equal(200, (int)answer.StatusCode);
        }
    }
}
