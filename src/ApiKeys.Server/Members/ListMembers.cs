using System.ComponentModel.DataAnnotations;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Organizations;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Members;

/// <summary>Lists members, newest first.</summary>
internal static class ListMembers
{
    public sealed record Query : PageQuery
    {
        /// <summary>The slug of an organization. Only operators may name another than their own; without it they see all.</summary>
        [FromQuery(Name = "organization"), MaxLength(Model.Organization.MaxSlugLength)]
        public string? Organization { get; init; }
    }

    /// <summary>One page.</summary>
    public sealed record Response
    {
        [Required, MaxLength(PageQuery.MaxLimit)]
        public required IReadOnlyList<MemberResponse> Members { get; init; }

        /// <summary>For the next page; null on the last.</summary>
        public string? NextCursor { get; init; }
    }

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.Organization).PlainText().MaximumLength(Model.Organization.MaxSlugLength);
            Include(new PageQuery.Rules());
        }
    }

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        [AsParameters] Query query, Caller caller, ApiKeysDbContext db, CancellationToken cancellationToken)
    {
        var found = db.Members.AsNoTracking();
        if (query.Organization is not null || !caller.IsOperator)
        {
            var (organization, elsewhere) = await db.FindOrganizationAsync(query.Organization, caller, cancellationToken);
            if (organization is null)
                return elsewhere!;

            found = found.Where(member => member.OrganizationId == organization.Id);
        }

        if (PageCursor.TryParse(query.Cursor, out var last))
        {
            found = found.Where(member => EF.Functions.LessThan(
                ValueTuple.Create(member.CreatedAt, member.Id), ValueTuple.Create(last.At, last.Id)));
        }

        var rows = await found
            .OrderByDescending(member => member.CreatedAt).ThenByDescending(member => member.Id)
            .Take(query.PageSize + 1)
            .Select(member => new
            {
                Member = member,
                Organization = db.Organizations.Where(o => o.Id == member.OrganizationId).Select(o => o.Slug).Single(),
            })
            .ToListAsync(cancellationToken);

        var (page, next) = query.Cut(rows, row => new PageCursor(row.Member.CreatedAt, row.Member.Id));
        return TypedResults.Ok(new Response
        {
            Members = page.ConvertAll(row => MemberResponse.Of(row.Member, row.Organization)),
            NextCursor = next,
        });
    }
}
