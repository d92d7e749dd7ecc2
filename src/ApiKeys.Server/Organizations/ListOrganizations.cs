using System.ComponentModel.DataAnnotations;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Organizations;

/// <summary>Lists organizations, newest first.</summary>
internal static class ListOrganizations
{
    public sealed record Query : PageQuery
    { }

    /// <summary>One page.</summary>
    public sealed record Response
    {
        [Required, MaxLength(PageQuery.MaxLimit)]
        public required IReadOnlyList<OrganizationResponse> Organizations { get; init; }

        /// <summary>For the next page; null on the last.</summary>
        public string? NextCursor { get; init; }
    }

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => Include(new PageQuery.Rules());
    }

    public static async Task<Ok<Response>> HandleAsync(
        [AsParameters] Query query, ApiKeysDbContext db, ScopeCatalog catalog, PlanLimit plans, CancellationToken cancellationToken)
    {
        var found = db.Organizations.AsNoTracking();
        if (PageCursor.TryParse(query.Cursor, out var last))
        {
            found = found.Where(o => EF.Functions.LessThan(
                ValueTuple.Create(o.CreatedAt, o.Id), ValueTuple.Create(last.At, last.Id)));
        }

        var counted = plans.CountedKeys();
        var rows = await found
            .OrderByDescending(o => o.CreatedAt).ThenByDescending(o => o.Id)
            .Take(query.PageSize + 1)
            .Select(o => new { Organization = o, Keys = counted.Where(key => key.OrganizationId == o.Id).Take(KeyCount.Max + 1).Count() })
            .ToListAsync(cancellationToken);

        var (page, next) = query.Cut(rows, row => new PageCursor(row.Organization.CreatedAt, row.Organization.Id));
        return TypedResults.Ok(new Response
        {
            Organizations = page.ConvertAll(row => OrganizationResponse.Of(row.Organization, row.Keys, catalog)),
            NextCursor = next,
        });
    }
}
