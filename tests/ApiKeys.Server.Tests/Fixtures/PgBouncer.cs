using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>A pooler in front of a database, which gives each transaction whatever connection is free; on a port of the loopback.</summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    private const string Account = "postgres";
    private static readonly string[] Places = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _folder = TempFolder.Create("apikeys-pgbouncer-");
    private readonly Process _process;
    private readonly int _port = FreePort();

    private PgBouncer(NpgsqlConnectionStringBuilder database)
    {
        WriteSettings(database);
        var program = Places.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("pgbouncer is not installed: apt-get install pgbouncer, or run scripts/test, which does.");
        var start = new ProcessStartInfo(program, ["-q", Settings]) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        if (OperatingSystem.IsLinux() && Environment.UserName == "root")
        {
            start.UserName = Account; // it does not run as root
            _folder.UnixFileMode |= UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        }

        _process = Process.Start(start)!;
        ConnectionString = new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            Host = "127.0.0.1",
            Port = _port,
            NoResetOnClose = true,
        }.ConnectionString;
    }

    public string ConnectionString { get; }

    public static async Task<PgBouncer> StartAsync(string connectionString)
    {
        var pooler = new PgBouncer(new NpgsqlConnectionStringBuilder(connectionString));
        try
        {
            await pooler.AnswersAsync();
            return pooler;
        }
        catch
        {
            await pooler.DisposeAsync();
            throw;
        }
    }

    /// <summary>From now on, or soon, transactions go to another server's database of the same name. Its clients stay connected.</summary>
    public async Task LeadToAsync(string connectionString)
    {
        WriteSettings(new NpgsqlConnectionStringBuilder(connectionString));
        using var reload = Process.Start("kill", ["-HUP", $"{_process.Id}"]);
        await reload.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();

        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task AnswersAsync()
    {
        var started = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString);
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (started.Elapsed < Patience && !_process.HasExited)
            {
                await Task.Delay(10);
            }
            catch (NpgsqlException exception) when (_process.HasExited)
            {
                throw new InvalidOperationException(await _process.StandardError.ReadToEndAsync(), exception);
            }
        }
    }

    private string Settings => Path.Combine(_folder.FullName, "pgbouncer.ini");

    private void WriteSettings(NpgsqlConnectionStringBuilder database) => File.WriteAllText(Settings,
        $"""
        [databases]
        {database.Database} = host={database.Host} port={database.Port} user={database.Username} password={database.Password ?? "none"}
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = {_port}
        unix_socket_dir =
        auth_type = any
        pool_mode = transaction
        default_pool_size = 10
        """);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
