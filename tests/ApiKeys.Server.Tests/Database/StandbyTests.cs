using ApiKeys.Server.Database;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ApiKeys.Server.Tests.Database;

/// <summary>A standby does not know yet what has been revoked: nothing is read from one.</summary>
public sealed class StandbyTests(Standby standby) : IClassFixture<Standby>
{
    [Theory]
    [InlineData("")]
    [InlineData(";Target Session Attributes=prefer-standby")]
    public async Task Of_several_hosts_only_the_primary_is_used_whatever_the_connection_string_says(string further)
    {
        await using var server = await TestCluster.StartAsync(standby.OnBoth + further);

        var key = await server.CreateKeyAsync();
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
        await server.RevokeAsync(key.KeyId);
        await server.CallAsync(key.Value).ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);
    }

    [Theory]
    [InlineData("")]
    [InlineData(";Target Session Attributes=any")]
    [InlineData(";Target Session Attributes=standby")]
    public async Task A_standby_alone_is_a_database_that_is_away(string further)
    {
        await using var database = Primary.Connect(standby.ConnectionString + further);
        await using var node = new NodeDatabase(standby.ConnectionString + further, new LookupOptions());

        foreach (var source in new[] { database, node.ForOwnLease, node.ForOthers, node.Listening })
        {
            var refused = await Assert.ThrowsAnyAsync<Exception>(async () => await source.OpenConnectionAsync());
            Assert.True(DatabaseFaults.IsUnavailable(refused), refused.ToString());
        }
    }

    /// <summary>Its connections were made while it led to the primary.</summary>
    [Fact]
    public async Task Nothing_is_read_from_a_standby_that_a_pooler_leads_to_later()
    {
        await using var pooler = await PgBouncer.StartAsync(standby.OnPrimary);
        await using var server = await TestCluster.StartAsync(pooler.ConnectionString);
        var (store, source) = (server.Services.GetRequiredService<IClusterStore>(), server.Services.GetRequiredService<IKeySource>());
        await AskAsync();

        await LeadAsync(pooler, standby.ConnectionString, toStandby: true);

        await ShouldBeAwayAsync(() => store.LookAsync(default));
        await ShouldBeAwayAsync(() => store.ReadLogAsync(0, 10, default));
        await ShouldBeAwayAsync(() => source.ReadAsync(PackedKeyId.Of(Standby.KeyId), default));
        await ShouldBeAwayAsync(() => source.ReadAsync(PackedKeyId.Of("k_unknown00000"), default));

        await LeadAsync(pooler, standby.OnPrimary, toStandby: false);
        await AskAsync();

        async Task AskAsync()
        {
            await store.LookAsync(default);
            await store.ReadLogAsync(0, 10, default);
            Assert.Null(await source.ReadAsync(PackedKeyId.Of(Standby.KeyId), default));
        }
    }

    private static async Task ShouldBeAwayAsync(Func<Task> ask)
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(ask);
        Assert.True(DatabaseFaults.IsUnavailable(refused), refused.ToString());
    }

    private static async Task LeadAsync(PgBouncer pooler, string connectionString, bool toStandby)
    {
        await pooler.LeadToAsync(connectionString);
        await using var connection = new NpgsqlConnection(pooler.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var ask = new NpgsqlCommand("select pg_is_in_recovery()", connection);
        await Eventually.TrueAsync(() => (bool)ask.ExecuteScalar()! == toStandby, () => "The pooler leads to the other one still.");
    }
}
