using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Keys;

/// <summary>Lists keys, newest first. Pages go by the last key seen, so that keys made meanwhile shift nothing.</summary>
internal static class ListKeys
{
    private const int MaxLimit = 200;
    private const int DefaultLimit = 50;
    private const int MaxTotal = 10_000;

    public sealed record Query
    {
        /// <summary>A part of the name, the description or the key id, in any case.</summary>
        [FromQuery(Name = "search"), MaxLength(100)]
        public string? Search { get; init; }

        /// <summary>Only keys that are this now.</summary>
        [FromQuery(Name = "status"), AllowedValues("all", "active", "expired", "revoked", "disabled"), DefaultValue("all")]
        public string? Status { get; init; }

        /// <summary>How many on a page.</summary>
        [FromQuery(Name = "limit"), Range(1, MaxLimit), DefaultValue(DefaultLimit)]
        public int? Limit { get; init; }

        /// <summary>The <c>next_cursor</c> of the page before.</summary>
        [FromQuery(Name = "cursor")]
        public string? Cursor { get; init; }
    }

    /// <summary>One page.</summary>
    public sealed record Response
    {
        [Required]
        public required IReadOnlyList<KeyResponse> ApiKeys { get; init; }

        /// <summary>How many there are on all pages, counted up to 10,000.</summary>
        [Required]
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
            RuleFor(q => q.Limit).InclusiveBetween(1, MaxLimit);
            RuleFor(q => q.Cursor).Must(cursor => cursor is null || KeyCursor.TryParse(cursor, out _))
                .WithMessage("is not a 'next_cursor' of an earlier answer.");
        }
    }

    public static async Task<Ok<Response>> HandleAsync(
        [AsParameters] Query query, Caller caller, ApiKeysDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.Now();
        var limit = query.Limit ?? DefaultLimit;
        var found = db.Keys.AsNoTracking().VisibleTo(caller, db).Matching(query.Search).WithStatus(query.Status, now);
        var total = await found.Take(MaxTotal + 1).CountAsync(cancellationToken);

        var rows = await found
            .After(query.Cursor)
            .OrderByDescending(key => key.CreatedAt).ThenByDescending(key => key.Id)
            .Take(limit + 1)
            .Include(key => key.Organization).Include(key => key.Owner)
            .Select(key => new
            {
                Key = key,
                LastUsedAt = db.KeyUsage.Where(use => use.ApiKeyId == key.Id).Select(use => (DateTimeOffset?)use.LastUsedAt).SingleOrDefault(),
            })
            .ToListAsync(cancellationToken);

        var page = rows.Take(limit).ToList();
        return TypedResults.Ok(new Response
        {
            ApiKeys = page.ConvertAll(row => KeyResponse.Of(row.Key, row.LastUsedAt, now)),
            Total = Math.Min(total, MaxTotal),
            TotalIsLowerBound = total > MaxTotal,
            NextCursor = rows.Count > limit ? new KeyCursor(page[^1].Key.CreatedAt, page[^1].Key.Id).ToString() : null,
        });
    }

    private static IQueryable<ApiKey> Matching(this IQueryable<ApiKey> keys, string? search)
    {
        if (string.IsNullOrWhiteSpace(search))
            return keys;

        var literal = search.Trim()
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("%", "\\%", StringComparison.Ordinal)
            .Replace("_", "\\_", StringComparison.Ordinal);
        return keys.Where(key => EF.Functions.ILike(EF.Property<string>(key, ApiKeyTable.SearchText), $"%{literal}%", "\\"));
    }

    /// <summary>The same rules as <see cref="ApiKey.StatusAt"/>, for the database; a test holds them together.</summary>
    private static IQueryable<ApiKey> WithStatus(this IQueryable<ApiKey> keys, string? status, DateTimeOffset now) => status switch
    {
        "revoked" => keys.Where(key => key.RevokedAt != null),
        "expired" => keys.Where(key => key.RevokedAt == null && key.ExpiresAt <= now),
        "disabled" => keys.Where(key => key.RevokedAt == null && !(key.ExpiresAt <= now) && !key.Enabled),
        "active" => keys.Where(key => key.RevokedAt == null && !(key.ExpiresAt <= now) && key.Enabled),
        _ => keys,
    };

    private static IQueryable<ApiKey> After(this IQueryable<ApiKey> keys, string? cursor) =>
        KeyCursor.TryParse(cursor, out var last)
            ? keys.Where(key => EF.Functions.LessThan(
                ValueTuple.Create(key.CreatedAt, key.Id), ValueTuple.Create(last.CreatedAt, last.Id)))
            : keys;
}
