using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace ApiKeys.Server.Database;

/// <summary>Brings the database to the schema of this version, whatever it was, and however many nodes start at once.</summary>
internal sealed partial class SchemaMigrator(
    IDbContextFactory<ApiKeysDbContext> contexts, TimeProvider time, ILogger<SchemaMigrator> logger)
{
    /// <summary>For one statement of a migration, an index over a large table say; and for the wait while another node migrates.</summary>
    public static readonly TimeSpan MigrationTimeout = TimeSpan.FromHours(1);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Creates the database, applies what is missing, and sees to the organization <c>default</c>.</summary>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        db.Database.SetCommandTimeout(MigrationTimeout);
        await WaitForServerAsync(db, cancellationToken);

        await using var turn = await ExclusiveTurn.TakeAsync(contexts, cancellationToken);
        var pending = (await db.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        if (pending.Count > 0)
        {
            await db.Database.MigrateAsync(cancellationToken);
            LogMigrated(logger, string.Join(", ", pending));
        }

        if (await db.Organizations.AnyAsync(organization => organization.Slug == Organization.DefaultSlug, cancellationToken))
            return;

        var now = time.Now();
        db.Organizations.Add(new Organization
        {
            Id = OrderedIds.Next(now),
            Slug = Organization.DefaultSlug,
            Name = "Default",
            Plan = "enterprise",
            CreatedAt = now,
        });
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>A server that starts together with us may need a moment. When it has come, the database is there too.</summary>
    private async Task WaitForServerAsync(ApiKeysDbContext db, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                await CreateDatabaseAsync(db, cancellationToken);
                return;
            }
            catch (Exception exception) when (MayComeSoon(exception) && time.GetElapsedTime(started) < Patience)
            {
                LogWaiting(logger, exception.GetBaseException().Message);
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
            }
        }
    }

    /// <summary>A wrong password does not get better by waiting.</summary>
    private static bool MayComeSoon(Exception exception) =>
        DatabaseFaults.IsUnavailable(exception)
        && !(exception.GetBaseException() is PostgresException answered && answered.SqlState.StartsWith("28", StringComparison.Ordinal));

    private static async Task CreateDatabaseAsync(ApiKeysDbContext db, CancellationToken cancellationToken)
    {
        try
        {
            await db.Database.OpenConnectionAsync(cancellationToken);
            await db.Database.CloseConnectionAsync();
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            try
            {
                await db.GetService<IRelationalDatabaseCreator>().CreateAsync(cancellationToken);
            }
            catch (PostgresException raced)
                when (raced.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
            {
                // Another node was first.
            }
        }
    }

    [LoggerMessage(110, LogLevel.Information, "Applied {Migrations}")]
    private static partial void LogMigrated(ILogger logger, string migrations);

    [LoggerMessage(111, LogLevel.Warning, "Waiting for PostgreSQL: {Reason}")]
    private static partial void LogWaiting(ILogger logger, string reason);
}
