using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Lookup;

/// <summary>Finds a key by its id, as verification needs it: one read of the database, by a unique index.</summary>
internal sealed class KeyLookup(IDbContextFactory<ApiKeysDbContext> contexts, LiveCatalog catalog)
{
    private static readonly Func<ApiKeysDbContext, string, CancellationToken, Task<ApiKey?>> Read =
        EF.CompileAsyncQuery((ApiKeysDbContext db, string keyId, CancellationToken _) => db.Keys.AsNoTracking()
            .Include(key => key.Organization).Include(key => key.Owner)
            .SingleOrDefault(key => key.KeyId == keyId));

    /// <returns>Null where there is no such key.</returns>
    public async ValueTask<KeySnapshot?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var key = await Read(db, keyId, cancellationToken);
        return key is null ? null : KeySnapshot.Of(key, catalog.Current);
    }
}
