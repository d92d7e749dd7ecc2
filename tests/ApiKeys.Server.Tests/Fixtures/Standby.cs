using ApiKeys.Server.Database.EmbeddedPostgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>
/// A server that follows another one which says nothing: it answers what is read, and lags behind for ever. It has the tests' own schema,
/// account and database name, so that a connection string may name it beside the real one.
/// </summary>
public sealed class Standby : IAsyncLifetime, IAsyncDisposable
{
    /// <summary>A key that only this server has.</summary>
    public const string KeyId = "k_000000000001";

    private readonly DataFolder _data = new();
    private EmbeddedPostgresServer _server = null!;

    /// <summary>The database that there is on a primary, too.</summary>
    public string OnPrimary { get; private set; } = "";

    public string ConnectionString { get; private set; } = "";

    /// <summary>Both servers, this one first.</summary>
    public string OnBoth { get; private set; } = "";

    public async Task InitializeAsync()
    {
        OnPrimary = await TestPostgres.CreateDatabaseAsync();
        var primary = new NpgsqlConnectionStringBuilder(OnPrimary);
        var options = new EmbeddedPostgresOptions { DataDirectory = _data.Path, Settings = { ["fsync"] = "off", ["port"] = $"{primary.Port}" } };
        _server = await EmbeddedPostgresServer.StartAsync(options, NullLogger.Instance, default);
        var own = new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Pooling = false };
        await MakeAccountAsync(own, primary.Username!);
        ConnectionString = new NpgsqlConnectionStringBuilder(OnPrimary) { Host = own.Host, Pooling = false }.ConnectionString;
        await TestPostgres.MigrateAsync(ConnectionString);
        await ExecuteAsync(
            ConnectionString,
            $$"""
            insert into api_keys (id, key_id, organization_id, prefix, environment, name, scopes, roles, allowed_ips, metadata, enabled,
                created_by, created_at, updated_at, version, secret_hash, secret_salt)
            select gen_random_uuid(), '{{KeyId}}', id, 'sk', 'live', 'Old', array['incidents:read'], array[]::text[], array[]::text[], '{}', true,
                'a@b', now(), now(), 1, decode(repeat('00', 32), 'hex'), decode(repeat('00', 16), 'hex')
            from organizations
            """);
        await _server.DisposeAsync();

        await File.WriteAllTextAsync(Path.Combine(_data.Cluster, "standby.signal"), "");
        _server = await EmbeddedPostgresServer.StartAsync(options, NullLogger.Instance, default);
        OnBoth = new NpgsqlConnectionStringBuilder(OnPrimary) { Host = $"{own.Host},{primary.Host}" }.ConnectionString;
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _data.DisposeAsync();
    }

    private static async Task MakeAccountAsync(NpgsqlConnectionStringBuilder server, string name)
    {
        if (server.Username != name)
            await ExecuteAsync(server.ConnectionString, $"create role \"{name}\" superuser login");
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
