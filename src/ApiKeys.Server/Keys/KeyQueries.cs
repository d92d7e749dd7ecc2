using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Keys;

internal static class KeyQueries
{
    // Prepared once: to take such a query apart takes longer than to run it.
    private static readonly Func<ApiKeysDbContext, string, bool, string, CancellationToken, Task<ApiKey?>> Find = EF.CompileAsyncQuery(
        (ApiKeysDbContext db, string keyId, bool all, string organization, CancellationToken cancellationToken) =>
            db.Keys.Include(key => key.Organization).Include(key => key.Owner).Include(key => key.Usage)
                .SingleOrDefault(key => key.KeyId == keyId && (all || key.Organization.Slug == organization)));

    private static readonly Func<ApiKeysDbContext, string, bool, string, CancellationToken, Task<ApiKey?>> FindAndLock = EF.CompileAsyncQuery(
        (ApiKeysDbContext db, string keyId, bool all, string organization, CancellationToken cancellationToken) =>
            db.Keys.TagWith(RowLock.Mark).Include(key => key.Organization).Include(key => key.Owner).Include(key => key.Usage)
                .SingleOrDefault(key => key.KeyId == keyId && (all || key.Organization.Slug == organization)));

    /// <summary>
    /// With what its answer shows. Keys of the caller's organization; an operator sees them all. What is not visible does not exist: null.
    /// </summary>
    public static Task<ApiKey?> FindKeyAsync(
        this ApiKeysDbContext db, string keyId, Caller caller, CancellationToken cancellationToken) =>
        FindAsync(Find, db, keyId, caller, cancellationToken);

    /// <summary>
    /// The same, and its row stays locked until the transaction ends: whoever changes it at the same moment has finished, or
    /// finds it changed.
    /// </summary>
    public static Task<ApiKey?> FindKeyForUpdateAsync(
        this ApiKeysDbContext db, string keyId, Caller caller, CancellationToken cancellationToken) =>
        FindAsync(FindAndLock, db, keyId, caller, cancellationToken);

    /// <summary>
    /// Locks the row of the organization that owns the key until the transaction ends. Organizations are locked before keys, so
    /// that nobody waits in a circle.
    /// </summary>
    public static async Task LockOrganizationOfKeyAsync(
        this ApiKeysDbContext db, string keyId, Caller caller, CancellationToken cancellationToken)
    {
        if (KeyIds.IsKeyId(keyId))
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                select from organizations
                where id = (select organization_id from api_keys where key_id = {keyId})
                  and ({caller.IsOperator} or slug = {caller.Organization})
                for no key update
                """,
                cancellationToken);
        }
    }

    /// <summary>What is no key id, a NUL in it perhaps, is not asked of the database.</summary>
    private static async Task<ApiKey?> FindAsync(
        Func<ApiKeysDbContext, string, bool, string, CancellationToken, Task<ApiKey?>> find, ApiKeysDbContext db, string keyId, Caller caller,
        CancellationToken cancellationToken) =>
        KeyIds.IsKeyId(keyId) ? await find(db, keyId, caller.IsOperator, caller.Organization, cancellationToken) : null;
}
