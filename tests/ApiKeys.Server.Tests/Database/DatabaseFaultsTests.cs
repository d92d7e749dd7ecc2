using System.Net.Sockets;
using ApiKeys.Server.Database;
using Npgsql;

namespace ApiKeys.Server.Tests.Database;

public sealed class DatabaseFaultsTests
{
    [Theory]
    [InlineData(PostgresErrorCodes.AdminShutdown, true)]
    [InlineData(PostgresErrorCodes.CannotConnectNow, true)]
    [InlineData(PostgresErrorCodes.TooManyConnections, true)]
    [InlineData(PostgresErrorCodes.QueryCanceled, true)]
    [InlineData(PostgresErrorCodes.ReadOnlySqlTransaction, true)]
    [InlineData(PostgresErrorCodes.InvalidPassword, true)]
    [InlineData(PostgresErrorCodes.InvalidCatalogName, true)]
    [InlineData("25P03", true)]
    [InlineData(PostgresErrorCodes.UniqueViolation, false)]
    [InlineData(PostgresErrorCodes.CheckViolation, false)]
    [InlineData(PostgresErrorCodes.UndefinedColumn, false)]
    public void What_may_pass_is_told_from_a_bug(string sqlState, bool isUnavailable) =>
        Assert.Equal(isUnavailable, DatabaseFaults.IsUnavailable(
            new InvalidOperationException("wrapped", new PostgresException("message", "ERROR", "ERROR", sqlState))));

    [Fact]
    public void A_broken_connection_is_unavailable_and_a_cancelled_request_is_not()
    {
        Assert.True(DatabaseFaults.IsUnavailable(new NpgsqlException("reading", new SocketException())));
        Assert.False(DatabaseFaults.IsUnavailable(new OperationCanceledException("hung up", new NpgsqlException("reading"))));
        Assert.False(DatabaseFaults.IsUnavailable(new InvalidOperationException("a bug")));
    }
}
