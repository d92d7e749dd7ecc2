using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using ApiKeys.Server.Organizations;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Keys;

/// <summary>Lists keys, newest first. Pages go by the last key seen, so that keys made meanwhile shift nothing.</summary>
internal static class ListKeys
{
    private const int MaxTotal = 10_000;
    private const int MaxDays = 3650;

    public sealed record Query : PageQuery
    {
        /// <summary>A part of the name, the description or the key id, in any case.</summary>
        [FromQuery(Name = "search"), MaxLength(100)]
        public string? Search { get; init; }

        /// <summary>Only keys that are this now.</summary>
        [FromQuery(Name = "status"), AllowedValues("all", "active", "expired", "revoked", "disabled"), DefaultValue("all")]
        public string? Status { get; init; }

        /// <summary>Only keys that hold this scope, given one by one or by a role.</summary>
        [FromQuery(Name = "scope"), MaxLength(100)]
        public string? Scope { get; init; }

        /// <summary>Only keys of this environment.</summary>
        [FromQuery(Name = "environment"), AllowedValues("live", "test")]
        public string? Environment { get; init; }

        /// <summary>Only keys that nobody has used for this many days, since they were made if never.</summary>
        [FromQuery(Name = "unused_for_days"), Range(1, MaxDays)]
        public int? UnusedForDays { get; init; }

        /// <summary>Only keys that are neither revoked nor expired, and will expire within this many days.</summary>
        [FromQuery(Name = "expires_within_days"), Range(1, MaxDays)]
        public int? ExpiresWithinDays { get; init; }

        /// <summary>Only keys that were used with their previous secret since the last rotation, which still works.</summary>
        [FromQuery(Name = "on_previous_secret"), AllowedValues("true")]
        public string? OnPreviousSecret { get; init; }

        /// <summary>The slug of an organization. Only operators may name another than their own; without it they see all.</summary>
        [FromQuery(Name = "organization"), MaxLength(Model.Organization.MaxSlugLength)]
        public string? Organization { get; init; }
    }

    /// <summary>One page.</summary>
    public sealed record Response
    {
        [Required, MaxLength(PageQuery.MaxLimit)]
        public required IReadOnlyList<KeyResponse> ApiKeys { get; init; }

        /// <summary>How many there are on all pages, counted up to 10,000.</summary>
        [Required, Range(0, MaxTotal)]
        public required int Total { get; init; }

        /// <summary>True, and only present, where there are more than were counted.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool TotalIsLowerBound { get; init; }

        /// <summary>For the next page; null on the last.</summary>
        public string? NextCursor { get; init; }
    }

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.Search).TrimmedText(0, 100);
            RuleFor(q => q.Status).Must(status => status is null or "all" or "active" or "expired" or "revoked" or "disabled")
                .WithMessage("must be all, active, expired, revoked or disabled.");
            RuleFor(q => q.Scope).PlainText().MaximumLength(100);
            RuleFor(q => q.Environment).Must(name => name is null or "live" or "test").WithMessage("must be live or test.");
            RuleFor(q => q.UnusedForDays).InclusiveBetween(1, MaxDays);
            RuleFor(q => q.ExpiresWithinDays).InclusiveBetween(1, MaxDays);
            RuleFor(q => q.OnPreviousSecret).Must(text => text is null or "true").WithMessage("must be true, or left out.");
            RuleFor(q => q.Organization).PlainText().MaximumLength(Model.Organization.MaxSlugLength);
            Include(new PageQuery.Rules());
        }
    }

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        [AsParameters] Query query, Caller caller, ScopeCatalog catalog, ApiKeysDbContext db, TimeProvider time,
        CancellationToken cancellationToken)
    {
        Organization? organization = null;
        if (query.Organization is not null || !caller.IsOperator)
        {
            (organization, var elsewhere) = await db.FindOrganizationAsync(query.Organization, caller, cancellationToken);
            if (organization is null)
                return elsewhere!;
        }

        var now = time.Now();
        var found = db.Keys.AsNoTracking().OwnedBy(organization?.Id)
            .Matching(query.Search).WithStatus(query.Status, now).WithScope(query.Scope, catalog).In(query.Environment)
            .UnusedSince(query.UnusedForDays, now, db).ExpiringWithin(query.ExpiresWithinDays, now)
            .OnPreviousSecret(query.OnPreviousSecret is not null, now, db);

        // Which keys they are is found first, in an index alone where there is one; only these are then read.
        var ids = found.After(query.Cursor).NewestFirst().Take(query.PageSize + 1).Select(key => key.Id);
        var rows = await db.Keys.AsNoTracking().Where(key => ids.Contains(key.Id))
            .NewestFirst()
            .Include(key => key.Organization).Include(key => key.Owner).Include(key => key.Usage)
            .ToListAsync(cancellationToken);

        var isAllOnThisPage = query.Cursor is null && rows.Count <= query.PageSize;
        var total = isAllOnThisPage ? rows.Count : await CountAsync(query, found, organization?.Id, catalog, db, now, cancellationToken);

        var (page, next) = query.Cut(rows, key => new PageCursor(key.CreatedAt, key.Id));
        return TypedResults.Ok(new Response
        {
            ApiKeys = page.ConvertAll(key => KeyResponse.Of(key, now)),
            Total = Math.Min(total, MaxTotal),
            TotalIsLowerBound = total > MaxTotal,
            NextCursor = next,
        });
    }

    /// <summary>One more than the greatest total, at most. What is asked for alone may have an index that is read alone.</summary>
    private static Task<int> CountAsync(
        Query query, IQueryable<ApiKey> found, Guid? organization, ScopeCatalog catalog, ApiKeysDbContext db, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        const int limit = MaxTotal + 1;
        var filters = query with { Organization = null, Limit = null, Cursor = null };
        if (query.UnusedForDays is { } days && filters == new Query { UnusedForDays = days })
            return db.KeyUsage.UnusedSince(days, organization, now, db).Take(limit).CountAsync(cancellationToken);

        if (query.Scope is { } scope && filters == new Query { Scope = scope })
            return db.KeyGrants.WithScope(scope, catalog, organization, limit).Take(limit).CountAsync(cancellationToken);

        return found.Take(limit).CountAsync(cancellationToken);
    }
}
