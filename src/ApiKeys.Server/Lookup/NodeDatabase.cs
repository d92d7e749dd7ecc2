using ApiKeys.Server.Database;
using Npgsql;

namespace ApiKeys.Server.Lookup;

/// <summary>Connections for the lease alone, which give up soon: a lease that cannot be renewed in time is none.</summary>
internal sealed class NodeDatabase : IAsyncDisposable
{
    private const int Connections = 8;
    private const int KeepAliveSeconds = 5;

    public NodeDatabase(string connectionString, LookupOptions options)
    {
        var timeoutSeconds = Math.Max(1, options.LeaseSeconds / 5);
        var own = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "apikeys node",
            MinPoolSize = 0,
            MaxPoolSize = Connections,
            Timeout = timeoutSeconds,
            CommandTimeout = timeoutSeconds,
        };
        Source = Primary.Connect(own);
        Listening = Primary.Connect(new NpgsqlConnectionStringBuilder(own.ConnectionString) { Pooling = false, KeepAlive = KeepAliveSeconds });
    }

    public NpgsqlDataSource Source { get; }

    /// <summary>For the one connection that waits for notifications, and finds out when it is dead.</summary>
    public NpgsqlDataSource Listening { get; }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await Listening.DisposeAsync();
    }
}
