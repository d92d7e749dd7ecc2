using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Keys;

internal static class KeyQueries
{
    /// <summary>Keys of the caller's organization; an operator sees them all. What is not visible does not exist.</summary>
    public static IQueryable<ApiKey> VisibleTo(this IQueryable<ApiKey> keys, Caller caller, ApiKeysDbContext db) =>
        caller.IsOperator
            ? keys
            : keys.Where(key => key.OrganizationId
                == db.Organizations.Where(organization => organization.Slug == caller.Organization).Select(o => o.Id).Single());

    /// <summary>With what its answer shows. Null where the caller can see no such key.</summary>
    /// <param name="db">The tables.</param>
    /// <param name="keyId">Its public name.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="forUpdate">
    /// Its row stays locked until the transaction ends: whoever changes it at the same moment has finished, or finds it changed.
    /// </param>
    public static async Task<ApiKey?> FindKeyAsync(
        this ApiKeysDbContext db, string keyId, Caller caller, CancellationToken cancellationToken, bool forUpdate = false)
    {
        if (!KeyIds.IsKeyId(keyId)) // what is none, a NUL in it perhaps, is not asked of the database
            return null;

        var keys = db.Keys.VisibleTo(caller, db).Include(key => key.Organization).Include(key => key.Owner).Include(key => key.Usage);
        return await (forUpdate ? keys.LockingItsRows() : keys).SingleOrDefaultAsync(key => key.KeyId == keyId, cancellationToken);
    }

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
}
