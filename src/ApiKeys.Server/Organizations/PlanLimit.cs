using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Organizations;

/// <summary>
/// How many keys a plan allows: active ones that hold no management scope. It is exact whatever happens at once, because
/// whoever adds one locks the organization's row first, then counts.
/// </summary>
internal sealed class PlanLimit(ApiKeysDbContext db, ScopeCatalog catalog, TimeProvider time)
{
    /// <summary>Whether the key is one of those that are counted.</summary>
    public bool Counts(ApiKey key) =>
        key.StatusAt(time.Now()) == KeyStatus.Active && !catalog.IsAdministration(catalog.Expand(key.Scopes, key.Roles));

    /// <summary>The keys that are counted, of all organizations.</summary>
    public IQueryable<ApiKey> CountedKeys()
    {
        var (now, scopes, roles) = (time.Now(), catalog.ManagementScopes, catalog.ManagementRoles);
        return db.Keys.Where(key => key.RevokedAt == null && key.Enabled && !(key.ExpiresAt <= now)
            && !key.Scopes.Any(scope => scopes.Contains(scope)) && !key.Roles.Any(role => roles.Contains(role)));
    }

    /// <summary>Asks for one more counted key, which is not saved yet.</summary>
    /// <returns>Why it cannot be; null where it can.</returns>
    public async Task<ProblemHttpResult?> RefuseOneMoreAsync(Guid organizationId, CancellationToken cancellationToken)
    {
        if (catalog.Plans.TryGetValue(await PlanOfAsync(organizationId, cancellationToken), out var plan) && plan.MaxKeys is null)
            return null; // nobody has to wait for anybody

        await db.Database.ExecuteSqlAsync($"select from organizations where id = {organizationId} for no key update", cancellationToken);
        var name = await PlanOfAsync(organizationId, cancellationToken);
        if (!catalog.Plans.TryGetValue(name, out plan))
            return Problems.PlanUnknown(name);

        if (plan.MaxKeys is not { } limit)
            return null;

        var active = await CountedKeys().Where(key => key.OrganizationId == organizationId).Take(limit + 1).CountAsync(cancellationToken);
        return active < limit ? null : Problems.PlanLimitReached(name, limit);
    }

    private Task<string> PlanOfAsync(Guid organizationId, CancellationToken cancellationToken) =>
        db.Organizations.Where(o => o.Id == organizationId).Select(o => o.Plan).SingleAsync(cancellationToken);
}
