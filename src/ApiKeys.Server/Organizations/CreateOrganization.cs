using System.ComponentModel.DataAnnotations;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ApiKeys.Server.Organizations;

/// <summary>Makes an organization, with neither members nor keys yet.</summary>
internal static class CreateOrganization
{
    public sealed record Request
    {
        /// <summary>1 to 64 lowercase letters, digits and single hyphens; stays for ever.</summary>
        /// <example>acme</example>
        [Required, StringLength(Organization.MaxSlugLength, MinimumLength = 1)]
        public string? Slug { get; init; }

        /// <summary>1 to 100 characters.</summary>
        /// <example>ACME Security</example>
        [Required, StringLength(100, MinimumLength = 1)]
        public string? Name { get; init; }

        /// <summary>A plan of the catalog.</summary>
        /// <example>pro</example>
        [Required]
        public string? Plan { get; init; }

        /// <summary>None of its keys is accepted while it is.</summary>
        public bool Suspended { get; init; }

        /// <summary>Of each of its keys that has none of its own; null leaves it to the plan.</summary>
        public RateLimit? RateLimit { get; init; }
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator(ScopeCatalog catalog)
        {
            RuleFor(r => r.Slug).NotNull().WithMessage("is required.")
                .Must(slug => slug is null || Organization.IsSlug(slug))
                .WithMessage("must be 1 to 64 lowercase letters, digits and single hyphens between them.");
            RuleFor(r => r.Name).NotNull().WithMessage("is required.").TrimmedText(1, 100);
            RuleFor(r => r.Plan).NotNull().WithMessage("is required.").KnownPlan(catalog);
            RuleFor(r => r.RateLimit!).SetValidator(new RateLimitRules());
        }
    }

    public static async Task<Results<Created<OrganizationResponse>, ProblemHttpResult>> HandleAsync(
        Request request, Caller caller, ApiKeysDbContext db, ScopeCatalog catalog, AuditTrail audit, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (await db.FindOrganizationAsync(request.Slug!, cancellationToken) is not null)
            return Problems.OrganizationExists();

        var now = time.Now();
        var organization = new Organization
        {
            Id = OrderedIds.Next(now),
            Slug = request.Slug!,
            Name = request.Name!.Trim(),
            Plan = request.Plan!,
            Suspended = request.Suspended,
            RateLimit = request.RateLimit,
            CreatedAt = now,
        };
        db.Organizations.Add(organization);
        audit.OrganizationChanged(caller, organization, before: null);
        return TypedResults.Created(
            $"/api/admin/organizations/{organization.Slug}", OrganizationResponse.Of(organization, activeKeys: 0, catalog));
    }
}
