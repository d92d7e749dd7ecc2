using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ApiKeys.Server.Database;

/// <summary>
/// Connections to the primary and to nobody else, whatever the connection string says: a standby may not have heard yet of what has
/// been revoked, or of the nodes that a change has to wait for.
/// </summary>
internal static class Primary
{
    /// <summary>
    /// A statement that took too long is cancelled, and its connection dropped. To read on would be to read a success: a commit whose
    /// wait for a synchronous standby is cancelled says that it was done, and the standby has not got it.
    /// </summary>
    private const int NeverReadAfterCancelling = -1;

    /// <summary>
    /// Asked of each new connection, which is also told to end a transaction that nobody goes on with: a host that was stopped in the
    /// middle of one would hold its locks, and every other host would wait. A pooler's connections are not ours to set: there the
    /// process that it says we speak with is another one than the one that answers.
    /// </summary>
    private const string Question =
        """
        select pg_is_in_recovery(),
            case when pg_backend_pid() = $1 then set_config('idle_in_transaction_session_timeout', '5s', false) end
        """;

    /// <summary>Of several hosts, the one that is the primary at the time. A single one that is none is refused when it is connected to.</summary>
    public static NpgsqlDataSource Connect(string connectionString) => Connect(new NpgsqlConnectionStringBuilder(connectionString));

    /// <inheritdoc cref="Connect(string)"/>
    public static NpgsqlDataSource Connect(NpgsqlConnectionStringBuilder settings)
    {
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.ConnectionStringBuilder.CancellationTimeout = NeverReadAfterCancelling;
        builder.ConnectionStringBuilder.NoResetOnClose = true; // nothing here leaves anything in a session: a statement less for each
        builder.ConnectionStringBuilder.TargetSessionAttributes = null; // stands for one of several hosts only, and is ours to say
        builder.UsePhysicalConnectionInitializer(Check, CheckAsync);
        return builder.ConnectionStringBuilder.Host!.Contains(',', StringComparison.Ordinal)
            ? builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary)
            : builder.Build();
    }

    /// <summary>Of the server that answers the statement.</summary>
    [DbFunction("pg_is_in_recovery", IsBuiltIn = true)]
    public static bool IsInRecovery() => throw new InvalidOperationException("Only the database knows.");

    /// <summary>
    /// For statements that only read, and must not be answered by a standby: a connection may lead to a pooler, and from there to
    /// another server than at first.
    /// </summary>
    /// <param name="isInRecovery">What <c>pg_is_in_recovery()</c> says in the statement itself.</param>
    /// <exception cref="NpgsqlException">It is a standby: the database is away.</exception>
    public static void Require(bool isInRecovery)
    {
        if (isInRecovery)
            throw new NpgsqlException("The server is a standby, which may lag behind; only the primary is asked.");
    }

    private static void Check(NpgsqlConnection connection)
    {
        using var command = Ask(connection);
        Require((bool)command.ExecuteScalar()!);
    }

    private static async Task CheckAsync(NpgsqlConnection connection)
    {
        await using var command = Ask(connection);
        Require((bool)(await command.ExecuteScalarAsync())!);
    }

    private static NpgsqlCommand Ask(NpgsqlConnection connection) =>
        new(Question, connection) { Parameters = { new NpgsqlParameter { Value = connection.ProcessID } } };
}
