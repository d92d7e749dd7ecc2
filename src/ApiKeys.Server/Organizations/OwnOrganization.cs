using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Organizations;

/// <summary>The caller's own organization, for its own people: the endpoints are for operators.</summary>
internal sealed class OwnOrganization(ApiKeysDbContext db, ScopeCatalog catalog, PlanLimit plans)
{
    public async Task<OrganizationResponse> ShowAsync(Caller caller, CancellationToken cancellationToken)
    {
        var organization = await db.Organizations.AsNoTracking().SingleAsync(o => o.Slug == caller.Organization, cancellationToken);
        return await plans.ShowAsync(organization, catalog, cancellationToken);
    }
}
