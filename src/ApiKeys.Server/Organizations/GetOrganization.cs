using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ApiKeys.Server.Organizations;

internal static class GetOrganization
{
    public static async Task<Results<Ok<OrganizationResponse>, ProblemHttpResult>> HandleAsync(
        string slug, ApiKeysDbContext db, ScopeCatalog catalog, PlanLimit plans, CancellationToken cancellationToken) =>
        await db.FindOrganizationAsync(slug, cancellationToken) is { } organization
            ? TypedResults.Ok(await plans.ShowAsync(organization, catalog, cancellationToken))
            : Problems.OrganizationNotFound();
}
