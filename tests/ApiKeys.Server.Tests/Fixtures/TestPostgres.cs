using ApiKeys.Server.Database;
using ApiKeys.Server.Database.EmbeddedPostgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>
/// One PostgreSQL for the whole run: the one in APIKEYS_TEST_POSTGRES, else a container where the build asks for it, else a
/// private cluster. Each test class gets a database of its own, copied from a template that was migrated once.
/// </summary>
internal static class TestPostgres
{
    private static readonly Lazy<Task<string>> Template = new(PrepareAsync);
    private static int _databases;

    /// <returns>The connection string of a new database with the schema, and nothing in it but the default organization.</returns>
    public static async Task<string> CreateDatabaseAsync()
    {
        var template = new NpgsqlConnectionStringBuilder(await Template.Value);
        var name = $"{template.Database}_{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync(Maintenance(template), $"create database {name} template {template.Database}");
        return new NpgsqlConnectionStringBuilder(template.ConnectionString) { Database = name, MaxPoolSize = 20 }.ConnectionString;
    }

    /// <summary>The connection string of a database that does not exist.</summary>
    public static async Task<string> NameMissingDatabaseAsync()
    {
        var template = new NpgsqlConnectionStringBuilder(await Template.Value);
        template.Database = $"{template.Database}_{Interlocked.Increment(ref _databases)}";
        return template.ConnectionString;
    }

    /// <summary>Makes the database if need be, with the schema and the default organization.</summary>
    public static async Task MigrateAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        var contexts = new Contexts(source);
        await new SchemaMigrator(contexts, new FakeClock(), NullLogger<SchemaMigrator>.Instance).MigrateAsync(CancellationToken.None);
    }

    private static async Task<string> PrepareAsync()
    {
        var server = new NpgsqlConnectionStringBuilder(await StartServerAsync());
        server.Database = $"apikeys_test_{Environment.ProcessId}";
        server.Pooling = true;

        await ExecuteAsync(Maintenance(server), $"drop database if exists {server.Database}");
        await MigrateAsync(server.ConnectionString);
        return server.ConnectionString;
    }

    private static async Task<string> StartServerAsync()
    {
        if (Environment.GetEnvironmentVariable("APIKEYS_TEST_POSTGRES") is { Length: > 0 } given)
            return given;

#if TESTCONTAINERS
        return await PostgresContainer.StartAsync();
#else
        var folder = TempFolder.Create("apikeys-tests-");
        var server = await EmbeddedPostgresServer.StartAsync(
            new EmbeddedPostgresOptions
            {
                DataDirectory = folder.FullName,
                Settings = { ["fsync"] = "off", ["full_page_writes"] = "off" },
            },
            NullLogger.Instance, CancellationToken.None);

        // The server ends with this process in any case; its files are ours to remove.
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            server.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(10));
            folder.Delete(recursive: true);
        };
        return server.ConnectionString;
#endif
    }

    private static string Maintenance(NpgsqlConnectionStringBuilder server) =>
        new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString;

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private sealed class Contexts(NpgsqlDataSource source) : IDbContextFactory<ApiKeysDbContext>
    {
        public ApiKeysDbContext CreateDbContext()
        {
            var options = new DbContextOptionsBuilder<ApiKeysDbContext>();
            options.UseApiKeysPostgres(source);
            return new ApiKeysDbContext(options.Options);
        }
    }
}
