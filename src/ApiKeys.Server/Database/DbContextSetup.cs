using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure;

namespace ApiKeys.Server.Database;

/// <summary>How every context is made: the host's, a test's, and the design time's.</summary>
internal static class DbContextSetup
{
    public static DbContextOptionsBuilder<T> UseApiKeysPostgres<T>(this DbContextOptionsBuilder<T> builder, string connectionString)
        where T : DbContext
    {
        builder.UseNpgsql(connectionString, Configure).AddInterceptors(RowLock.Instance);
        return builder;
    }

    public static DbContextOptionsBuilder UseApiKeysPostgres(this DbContextOptionsBuilder builder, DbDataSource dataSource) => builder
        .UseNpgsql(dataSource, Configure)
        .AddInterceptors(RowLock.Instance)
        .ConfigureWarnings(warnings => warnings.Ignore(CoreEventId.RowLimitingOperationWithoutOrderByWarning)) // a bounded count
        .ConfigureWarnings(LeaveFailuresToTheirExceptions);

    private static void Configure(NpgsqlDbContextOptionsBuilder postgres) => postgres.MigrationsHistoryTable("schema_migrations");

    /// <summary>A missing database or a lost race is expected somewhere; whoever catches the exception knows, and logs.</summary>
    private static void LeaveFailuresToTheirExceptions(WarningsConfigurationBuilder warnings) => warnings.Log(
        (RelationalEventId.ConnectionError, LogLevel.Debug),
        (RelationalEventId.CommandError, LogLevel.Debug),
        (RelationalEventId.TransactionError, LogLevel.Debug),
        (CoreEventId.OptimisticConcurrencyException, LogLevel.Debug),
        (CoreEventId.SaveChangesFailed, LogLevel.Debug),
        (CoreEventId.QueryIterationFailed, LogLevel.Debug));
}
