using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace ApiKeys.Server.Database;

/// <summary>
/// One node at a time: an advisory lock, held by a transaction of its own so that it holds behind a transaction pooler too,
/// and so that the database lets it go when we die.
/// </summary>
internal sealed class ExclusiveTurn : IAsyncDisposable
{
    /// <summary>"ApiKeys" in ASCII; any number that no other program takes in this database.</summary>
    private const long LockId = 0x4170694B657973;

    private readonly ApiKeysDbContext _db;
    private readonly IDbContextTransaction _transaction;

    private ExclusiveTurn(ApiKeysDbContext db, IDbContextTransaction transaction)
    {
        _db = db;
        _transaction = transaction;
    }

    public static async Task<ExclusiveTurn> TakeAsync(
        IDbContextFactory<ApiKeysDbContext> contexts, CancellationToken cancellationToken)
    {
        var db = await contexts.CreateDbContextAsync(cancellationToken);
        try
        {
            db.Database.SetCommandTimeout(SchemaMigrator.MigrationTimeout);
            var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await db.Database.ExecuteSqlAsync(
                $"select set_config('idle_in_transaction_session_timeout', '0', true), pg_advisory_xact_lock({LockId})", cancellationToken);
            return new ExclusiveTurn(db, transaction);
        }
        catch
        {
            await db.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _db.DisposeAsync();
    }
}
