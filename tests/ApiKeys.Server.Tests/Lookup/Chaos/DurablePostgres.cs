using System.Diagnostics;
using ApiKeys.Server.Database.EmbeddedPostgres;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>
/// A private PostgreSQL that keeps what it has committed, as in production, and that can be made to crash and to recover. It ends
/// with this process, however that one does.
/// </summary>
internal sealed class DurablePostgres : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = TempFolder.Create("apikeys-chaos-");
    private EmbeddedPostgresServer? _server;

    private string Cluster => Path.Combine(_folder.FullName, "cluster");

    /// <summary>By its socket, past all proxies.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server!.ConnectionString) { Pooling = false }.ConnectionString;

    /// <summary>The path of the socket; the same after each start.</summary>
    public string Socket
    {
        get
        {
            var postmaster = Postmaster.Read(Cluster)!;
            return Path.Combine(postmaster.SocketDirectory, $".s.PGSQL.{postmaster.Port}");
        }
    }

    /// <summary>For the first time, or to recover what a crash has left.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var options = new EmbeddedPostgresOptions
        {
            DataDirectory = _folder.FullName,
            Settings = { ["fsync"] = "on", ["synchronous_commit"] = "on", ["full_page_writes"] = "on", ["max_connections"] = "200" },
        };
        _server = await EmbeddedPostgresServer.StartAsync(options, NullLogger.Instance, cancellationToken);
    }

    /// <summary>SIGQUIT, which is <c>pg_ctl stop -m immediate</c>: every connection drops, and nothing is written any more.</summary>
    public async Task CrashAsync()
    {
        var postmaster = Postmaster.Read(Cluster)!;
        using (var kill = Process.Start("kill", ["-QUIT", $"{postmaster.ProcessId}"]))
            await kill.WaitForExitAsync();

        await _server!.DisposeAsync();
    }

    public async Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt32(await command.ExecuteScalarAsync(cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();

        _folder.Delete(recursive: true);
    }
}
