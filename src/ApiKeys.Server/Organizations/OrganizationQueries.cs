using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Organizations;

internal static class OrganizationQueries
{
    /// <returns>Null where there is none; what cannot be a slug is not asked of the database.</returns>
    public static async Task<Organization?> FindOrganizationAsync(this ApiKeysDbContext db, string slug, CancellationToken cancellationToken) =>
        Organization.IsSlug(slug) ? await db.Organizations.SingleOrDefaultAsync(o => o.Slug == slug, cancellationToken) : null;

    /// <summary>The one that a request names, or else the caller's own.</summary>
    /// <returns>The organization, or why the caller cannot have it.</returns>
    public static async Task<(Organization? Organization, ProblemHttpResult? Refusal)> FindOrganizationAsync(
        this ApiKeysDbContext db, string? slug, Caller caller, CancellationToken cancellationToken)
    {
        slug ??= caller.Organization;
        if (!caller.MayActFor(slug))
            return (null, Problems.OperatorsOnly());

        var organization = await db.FindOrganizationAsync(slug, cancellationToken);
        return (organization, organization is null ? Problems.Invalid("organization", "is not known.") : null);
    }

    /// <summary>By slug, and its row stays locked until the transaction ends.</summary>
    public static async Task<Organization?> FindOrganizationForUpdateAsync(
        this ApiKeysDbContext db, string slug, CancellationToken cancellationToken)
    {
        if (Organization.IsSlug(slug))
            await db.Database.ExecuteSqlAsync($"select from organizations where slug = {slug} for no key update", cancellationToken);

        return await db.FindOrganizationAsync(slug, cancellationToken);
    }

    public static async Task<OrganizationResponse> ShowAsync(
        this PlanLimit plans, Organization organization, ScopeCatalog catalog, CancellationToken cancellationToken) =>
        OrganizationResponse.Of(
            organization,
            await plans.CountedKeys().Where(key => key.OrganizationId == organization.Id).Take(KeyCount.Max + 1).CountAsync(cancellationToken),
            catalog);

    public static IRuleBuilderOptions<T, string?> KnownPlan<T>(this IRuleBuilder<T, string?> rule, ScopeCatalog catalog) =>
        rule.Must(plan => plan is null || catalog.Plans.ContainsKey(plan))
            .WithMessage($"is not a plan of the catalog, which has {string.Join(", ", catalog.Plans.Keys.Order(StringComparer.Ordinal))}.");
}
