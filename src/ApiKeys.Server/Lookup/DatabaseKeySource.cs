using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Lookup;

/// <summary>One read of the database, by a unique index, with the key's organization and owner as they are at the same moment.</summary>
internal sealed class DatabaseKeySource(
    IDbContextFactory<ApiKeysDbContext> contexts, LiveCatalog catalog, SnapshotParts parts) : IKeySource
{
    private static readonly Func<ApiKeysDbContext, string, CancellationToken, Task<Row?>> Read =
        EF.CompileAsyncQuery((ApiKeysDbContext db, string keyId, CancellationToken _) => db.Keys.AsNoTracking()
            .Include(key => key.Organization).Include(key => key.Owner)
            .Where(key => key.KeyId == keyId)
            .Select(key => new Row(key, Primary.IsInRecovery()))
            .SingleOrDefault());

    public async Task<KeySnapshot?> ReadAsync(PackedKeyId id, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var row = await Read(db, id.ToString(), cancellationToken);
        Primary.Require(row?.IsInRecovery ?? await db.Database.SqlQuery<bool>($"select pg_is_in_recovery() as \"Value\"").SingleAsync(cancellationToken));
        return row is null ? null : parts.Snapshot(row.Key, catalog.Current);
    }

    private sealed record Row(ApiKey Key, bool IsInRecovery);
}
