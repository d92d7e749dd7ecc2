using ApiKeys.Server.Database;
using ApiKeys.Server.Database.EmbeddedPostgres;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ApiKeys.Server.Tests.Database;

/// <summary>Every commit waits for a synchronous standby, and there is none. A PostgreSQL of its own: the setting is a whole server's.</summary>
public sealed class SilentStandbyTests : IAsyncLifetime
{
    private readonly EmbeddedPostgresOptions _options = new()
    {
        DataDirectory = TempFolder.Create("apikeys-tests-").FullName,
        Settings = { ["fsync"] = "off", ["full_page_writes"] = "off" },
    };

    private EmbeddedPostgresServer _postgres = null!;

    /// <summary>Of a host that gives up soon, and yet has time to start on a busy machine.</summary>
    private string Impatient => new NpgsqlConnectionStringBuilder(_postgres.ConnectionString) { CommandTimeout = 4 }.ConnectionString;

    public async Task InitializeAsync()
    {
        _postgres = await EmbeddedPostgresServer.StartAsync(_options, NullLogger.Instance, default);
        await TestPostgres.MigrateAsync(_postgres.ConnectionString); // which takes longer than the host has patience for
    }

    public async Task DisposeAsync()
    {
        await _postgres.DisposeAsync();
        Directory.Delete(_options.DataDirectory, recursive: true);
    }

    /// <summary>Whether a commit that waits was done nobody can tell; what was counted would be counted again.</summary>
    [Fact]
    public async Task Uses_are_counted_once()
    {
        await using var server = await TestCluster.StartAsync(Impatient, new Dictionary<string, string> { ["Lookup:LeaseSeconds"] = "60" });
        var key = await server.CreateKeyAsync();
        for (var i = 0; i < 10; i++)
            await server.CallAsync(key.Value).ShouldBeAcceptedAsync();

        await ExecuteAsync("alter system set synchronous_standby_names = 'nobody'");
        await ExecuteAsync("select pg_reload_conf()");
        await Eventually.TrueAsync(() => AskAsync("show synchronous_standby_names").GetAwaiter().GetResult() == "nobody", () => "The setting is not in force.");
        await server.FlushUsageAsync();
        await server.FlushUsageAsync();
        await ExecuteAsync("alter system reset synchronous_standby_names");
        await ExecuteAsync("select pg_reload_conf()");

        Assert.Equal("10", await AskAsync($"select sum(uses)::text from key_usage_days join api_keys on id = api_key_id where key_id = '{key.KeyId}'"));
    }

    [Fact]
    public async Task What_the_standby_has_not_got_is_never_answered_as_done()
    {
        await using var server = await TestCluster.StartAsync(Impatient, new Dictionary<string, string> { ["Lookup:LeaseSeconds"] = "1" });
        var key = await server.CreateKeyAsync();
        var lease = Guid.Parse(await AskAsync("select id::text from node_leases"));

        await ExecuteAsync("alter system set synchronous_standby_names = 'nobody'");
        await ExecuteAsync("select pg_reload_conf()");
        await Eventually.TrueAsync(() => IsWaited(), () => "Nobody waits for the standby.");

        await Task.WhenAll(RevokeAsync(), RenewAsync());
        await RevokeAsync(); // by now it is revoked on this server, but not on the standby

        await ExecuteAsync("alter system reset synchronous_standby_names");
        await ExecuteAsync("select pg_reload_conf()");

        Task RevokeAsync() => server.Operator.DeleteAsync($"/api/admin/api-keys/{key.KeyId}").ShouldBeProblemAsync(503, "unavailable");

        async Task RenewAsync()
        {
            var failed = await Assert.ThrowsAnyAsync<Exception>(
                () => server.Services.GetRequiredService<IClusterStore>().RenewAsync(lease, 0, 0, ackedAt: null, default));
            Assert.True(DatabaseFaults.IsUnavailable(failed), failed.ToString());
        }
    }

    /// <summary>By the node's own renewals, sooner or later.</summary>
    private bool IsWaited() =>
        AskAsync("select count(*)::text from pg_stat_activity where wait_event = 'SyncRep'").GetAwaiter().GetResult() != "0";

    private async Task ExecuteAsync(string sql) => await AskAsync(sql);

    private async Task<string> AskAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_postgres.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return $"{await command.ExecuteScalarAsync()}";
    }
}
