using ApiKeys.Server.Database;
using Npgsql;

namespace ApiKeys.Server.Lookup;

/// <summary>Connections for what nodes agree on, which give up soon: a lease that cannot be renewed in time is none.</summary>
internal sealed class NodeDatabase : IAsyncDisposable
{
    private const int OwnConnections = 2;
    private const int OtherConnections = 8;
    private const int LimitConnections = 2;
    private const int ReaderConnections = 4;
    private const int LimitSeconds = 2;
    private const int KeepAliveSeconds = 5;

    public NodeDatabase(string connectionString, LookupOptions options)
    {
        var timeoutSeconds = Math.Max(1, options.LeaseSeconds / 5);
        var own = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "apikeys node",
            MinPoolSize = 0,
            MaxPoolSize = OwnConnections,
            Timeout = timeoutSeconds,
            CommandTimeout = timeoutSeconds,
        };
        ForOwnLease = Primary.Connect(own);
        ForOthers = Primary.Connect(new NpgsqlConnectionStringBuilder(own.ConnectionString) { MaxPoolSize = OtherConnections });
        ForLimits = Primary.Connect(new NpgsqlConnectionStringBuilder(own.ConnectionString) { MaxPoolSize = LimitConnections, Timeout = LimitSeconds, CommandTimeout = LimitSeconds });
        ForReaders = Primary.Connect(new NpgsqlConnectionStringBuilder(own.ConnectionString) { MaxPoolSize = ReaderConnections });
        Listening = Primary.Connect(new NpgsqlConnectionStringBuilder(own.ConnectionString) { Pooling = false, KeepAlive = KeepAliveSeconds });
    }

    /// <summary>For what keeps this node's lease: however many changes wait for nodes, it is renewed.</summary>
    public NpgsqlDataSource ForOwnLease { get; }

    /// <summary>For who looks at the leases of others, and tells them something.</summary>
    public NpgsqlDataSource ForOthers { get; }

    /// <summary>For allowances of rate limits, for which requests wait.</summary>
    public NpgsqlDataSource ForLimits { get; }

    /// <summary>For the leases of those who reach the database by this node.</summary>
    public NpgsqlDataSource ForReaders { get; }

    /// <summary>For the one connection that waits for notifications, and finds out when it is dead.</summary>
    public NpgsqlDataSource Listening { get; }

    public async ValueTask DisposeAsync()
    {
        await ForOwnLease.DisposeAsync();
        await ForOthers.DisposeAsync();
        await ForLimits.DisposeAsync();
        await ForReaders.DisposeAsync();
        await Listening.DisposeAsync();
    }
}
