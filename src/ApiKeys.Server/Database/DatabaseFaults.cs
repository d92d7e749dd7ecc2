using System.Net.Sockets;
using Npgsql;

namespace ApiKeys.Server.Database;

/// <summary>Tells a database that is away from a bug of ours.</summary>
internal static class DatabaseFaults
{
    /// <summary><c>idle_in_transaction_session_timeout</c>, which has no name in Npgsql.</summary>
    private const string IdleInTransaction = "25P03";

    /// <summary>
    /// Shutting down and starting, a statement that took too long, a server that is read-only for now, a changed password, a
    /// database that is being replaced, a transaction that was not gone on with in time.
    /// </summary>
    private static readonly string[] MayPass =
    [
        "57P", PostgresErrorCodes.QueryCanceled, PostgresErrorCodes.ReadOnlySqlTransaction, "28", PostgresErrorCodes.InvalidCatalogName,
        IdleInTransaction,
    ];

    /// <summary>
    /// Whether the database cannot be reached, is starting or stopping, has no connection left, or took too long: what may
    /// work when tried again. The exception may be wrapped, as Entity Framework does.
    /// </summary>
    public static bool IsUnavailable(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case OperationCanceledException:
                    return false;
                case PostgresException answered:
                    return answered.IsTransient || MayPass.Any(state => answered.SqlState.StartsWith(state, StringComparison.Ordinal));
                case NpgsqlException or SocketException:
                    return true;
            }
        }

        return false;
    }
}
