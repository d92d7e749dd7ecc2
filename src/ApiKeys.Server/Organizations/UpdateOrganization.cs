using System.ComponentModel.DataAnnotations;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ApiKeys.Server.Organizations;

/// <summary>
/// Renames an organization, gives it another plan, suspends or resumes it. A lower plan keeps the keys that there are and allows
/// no new ones; a suspension ends the use of all keys at once, and resuming brings them back.
/// </summary>
internal static class UpdateOrganization
{
    public sealed record Request : Patch
    {
        /// <summary>1 to 100 characters.</summary>
        /// <example>ACME Security</example>
        [StringLength(100, MinimumLength = 1)]
        public string? Name { get; init => field = Given(value); }

        /// <summary>A plan of the catalog.</summary>
        /// <example>pro</example>
        public string? Plan { get; init => field = Given(value); }

        /// <summary>True ends the use of all its keys until it is false again.</summary>
        public bool? Suspended { get; init => field = Given(value); }

        /// <summary>Of each of its keys that has none of its own; null leaves it to the plan.</summary>
        public RateLimitPatch? RateLimit { get; init => field = Given(value); }
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator(ScopeCatalog catalog)
        {
            RuleFor(r => r.Name).TrimmedText(1, 100).NotNull().When(r => r.Has(nameof(r.Name)), ApplyConditionTo.CurrentValidator)
                .WithMessage("must not be null.");
            RuleFor(r => r.Plan).KnownPlan(catalog).NotNull().When(r => r.Has(nameof(r.Plan)), ApplyConditionTo.CurrentValidator)
                .WithMessage("must not be null.");
            RuleFor(r => r.Suspended).NotNull().When(r => r.Has(nameof(r.Suspended))).WithMessage("must be true or false.");
        }
    }

    public static async Task<Results<Ok<OrganizationResponse>, ProblemHttpResult>> HandleAsync(
        string slug, Request request, Caller caller, ApiKeysDbContext db, ScopeCatalog catalog, PlanLimit plans, AuditTrail audit,
        CancellationToken cancellationToken)
    {
        var organization = await db.FindOrganizationForUpdateAsync(slug, cancellationToken);
        if (organization is null)
            return Problems.OrganizationNotFound();

        if (request.Suspended == true && organization.Slug == Organization.DefaultSlug)
            return Problems.DefaultStays();

        var limit = request.Has(nameof(request.RateLimit)) ? request.RateLimit?.ApplyTo(organization.RateLimit) : organization.RateLimit;
        if (RateLimitRules.Error(limit) is { } wrong)
            return Problems.Invalid("rate_limit", wrong);

        var before = organization.Details;
        organization.Name = request.Name?.Trim() ?? organization.Name;
        organization.Plan = request.Plan ?? organization.Plan;
        organization.Suspended = request.Suspended ?? organization.Suspended;
        organization.RateLimit = limit;
        if (organization.Details != before)
            audit.OrganizationChanged(caller, organization, before);

        return TypedResults.Ok(await plans.ShowAsync(organization, catalog, cancellationToken));
    }
}
