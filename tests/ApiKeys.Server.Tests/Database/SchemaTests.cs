using ApiKeys.Server.Database;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ApiKeys.Server.Tests.Database;

public sealed class SchemaTests(TestServer server) : IClassFixture<TestServer>
{
    /// <summary>Whatever writes to the table: what a bug once did elsewhere, the database refuses here.</summary>
    [Theory]
    [InlineData("secret_hash = ''", "api_keys_secret_hash_check")]
    [InlineData("secret_hash = decode(repeat('00', 31), 'hex')", "api_keys_secret_hash_check")]
    [InlineData("secret_salt = ''", "api_keys_secret_hash_check")]
    [InlineData("previous_hash = secret_hash", "api_keys_previous_check")]
    [InlineData("previous_hash = secret_hash, previous_salt = secret_salt, previous_expires_at = expires_at + interval '1 ms'", "api_keys_previous_check")]
    [InlineData("revoked_at = now()", "api_keys_revoked_check")]
    [InlineData("key_id = 'k_short'", "api_keys_key_id_check")]
    [InlineData("name = ''", "api_keys_name_check")]
    [InlineData("description = 'too short'", "api_keys_description_check")]
    [InlineData("environment = 'prod'", "api_keys_environment_check")]
    [InlineData("scopes = array[]::text[]", "api_keys_scopes_check")]
    [InlineData("rate_limit_requests = 1", "api_keys_rate_limit_check")]
    [InlineData("prefix = 'SK'", "api_keys_prefix_check")]
    public async Task The_database_itself_refuses_what_is_no_key(string change, string constraint)
    {
        var key = await server.CreateKeyAsync();
        var sql = System.Runtime.CompilerServices.FormattableStringFactory.Create($"update api_keys set {change} where key_id = {{0}}", key.KeyId);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => server.ExecuteSqlAsync(sql));

        Assert.Equal(constraint, refused.ConstraintName);
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task Two_keys_never_share_a_key_id()
    {
        var (one, other) = (await server.CreateKeyAsync(), await server.CreateKeyAsync());

        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => server.ExecuteSqlAsync($"update api_keys set key_id = {other.KeyId} where key_id = {one.KeyId}"));

        Assert.Equal("api_keys_key_id_key", refused.ConstraintName);
    }

    [Fact]
    public async Task Four_nodes_that_start_together_on_a_missing_database_make_it_once()
    {
        var connectionString = await TestPostgres.NameMissingDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var services = new ServiceCollection()
            .AddDbContextFactory<ApiKeysDbContext>(options => options.UseApiKeysPostgres(source))
            .BuildServiceProvider();
        var contexts = services.GetRequiredService<IDbContextFactory<ApiKeysDbContext>>();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            new SchemaMigrator(contexts, new FakeClock(), NullLogger<SchemaMigrator>.Instance).MigrateAsync(default))));

        await using var db = await contexts.CreateDbContextAsync();
        Assert.Empty(await db.Database.GetPendingMigrationsAsync());
        Assert.Equal("default", (await db.Organizations.SingleAsync()).Slug);
    }
}
