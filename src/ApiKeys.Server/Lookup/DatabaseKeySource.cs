using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Lookup;

/// <summary>One read of the database, by a unique index, with the key's organization and owner as they are at the same moment.</summary>
internal sealed class DatabaseKeySource(
    IDbContextFactory<ApiKeysDbContext> contexts, LiveCatalog catalog, SnapshotParts parts) : IKeySource
{
    private static readonly Func<ApiKeysDbContext, string, CancellationToken, Task<ApiKey?>> Read =
        EF.CompileAsyncQuery((ApiKeysDbContext db, string keyId, CancellationToken _) => db.Keys.AsNoTracking()
            .Include(key => key.Organization).Include(key => key.Owner)
            .SingleOrDefault(key => key.KeyId == keyId));

    public async Task<KeySnapshot?> ReadAsync(PackedKeyId id, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var key = await Read(db, id.ToString(), cancellationToken);
        return key is null ? null : parts.Snapshot(key, catalog.Current);
    }
}
