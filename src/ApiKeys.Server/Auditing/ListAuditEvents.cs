using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Auditing;

/// <summary>Who did what, newest first: within the caller's organization, or everywhere for an operator.</summary>
internal static class ListAuditEvents
{
    public sealed record Query : PageQuery
    {
        /// <summary>Only what was done to this key.</summary>
        [FromQuery(Name = "key_id"), MaxLength(14)]
        public string? KeyId { get; init; }

        /// <summary>Only what was done by this key (its id) or this member (the email).</summary>
        [FromQuery(Name = "actor"), MaxLength(254)]
        public string? Actor { get; init; }

        /// <summary>Only what is of this kind, such as <c>key.rotated</c>.</summary>
        [FromQuery(Name = "action"), MaxLength(64)]
        public string? Action { get; init; }

        /// <summary>Only what was done then or later (RFC 3339).</summary>
        [FromQuery(Name = "since"), DataType(DataType.DateTime)]
        public string? Since { get; init; }

        /// <summary>Only what was done before (RFC 3339).</summary>
        [FromQuery(Name = "until"), DataType(DataType.DateTime)]
        public string? Until { get; init; }
    }

    /// <summary>One page.</summary>
    public sealed record Response
    {
        [Required, MaxLength(PageQuery.MaxLimit)]
        public required IReadOnlyList<Event> AuditEvents { get; init; }

        /// <summary>For the next page; null on the last.</summary>
        public string? NextCursor { get; init; }
    }

    /// <summary>Something that was done, or refused.</summary>
    public sealed record Event
    {
        [Required]
        public required Guid Id { get; init; }

        [Required]
        public required DateTimeOffset At { get; init; }

        /// <example>key.rotated</example>
        [Required]
        public required string Action { get; init; }

        [Required]
        public required AuditOutcome Outcome { get; init; }

        /// <summary>The <c>code</c> that a refused call was answered with; null where it was done.</summary>
        /// <example>null</example>
        public string? Code { get; init; }

        /// <summary>The slug of the organization in whose trail it stands; null where nobody knows who called.</summary>
        /// <example>default</example>
        public string? Organization { get; init; }

        [Required]
        public required Actor Actor { get; init; }

        [Required]
        public required Target Target { get; init; }

        /// <summary>Each member that changed, with what it was and what it became.</summary>
        /// <example>{"name": {"from": "SOAR", "to": "SOAR Integration"}}</example>
        [Required]
        public required JsonElement Changes { get; init; }

        /// <summary>The trace of the request.</summary>
        /// <example>4bf92f3577b34da6a3ce929d0e0e4736</example>
        public string? TraceId { get; init; }
    }

    /// <summary>Who it was. Nobody is named where the command line did it.</summary>
    /// <param name="KeyId" example="k_7Fq2mZ81xY4c">The key that the call came with.</param>
    /// <param name="Member" example="admin@example.com">The member that the key acts for.</param>
    /// <param name="Address" example="203.0.113.7">Where the call came from.</param>
    public sealed record Actor(string? KeyId, string? Member, string? Address);

    /// <summary>What it was done to.</summary>
    /// <param name="Type" example="api_key">api_key, member, organization, catalog or audit_event.</param>
    /// <param name="Id" example="k_7Fq2mZ81xY4c">A key id, an email or a slug; of a refused call what its path named, and null where it named nothing.</param>
    public sealed record Target(string Type, string? Id);

    public sealed class Validator : AbstractValidator<Query>
    {
        private const string NoInstant = "is not a time such as 2026-11-20T00:00:00Z (RFC 3339).";

        public Validator()
        {
            RuleFor(q => q.KeyId).Must(id => id is null || KeyIds.IsKeyId(id)).WithMessage("is not a key id such as k_7Fq2mZ81xY4c.");
            RuleFor(q => q.Actor).PlainText().MaximumLength(254);
            RuleFor(q => q.Action).PlainText().MaximumLength(64);
            RuleFor(q => q.Since).Must(text => text is null || Instants.Parse(text) is not null).WithMessage(NoInstant);
            RuleFor(q => q.Until).Must(text => text is null || Instants.Parse(text) is not null).WithMessage(NoInstant)
                .Must((q, until) => !(Instants.Parse(q.Since) >= Instants.Parse(until))).WithMessage("must be later than 'since'.");
            Include(new PageQuery.Rules());
        }
    }

    public static async Task<Ok<Response>> HandleAsync(
        [AsParameters] Query query, Caller caller, ApiKeysDbContext db, CancellationToken cancellationToken)
    {
        var rows = await db.AuditEvents.AsNoTracking()
            .VisibleTo(caller, db)
            .Matching(query)
            .After(query.Cursor)
            .OrderByDescending(e => e.At).ThenByDescending(e => e.Id)
            .Take(query.PageSize + 1)
            .Select(e => new
            {
                Event = e,
                Organization = db.Organizations.Where(o => o.Id == e.OrganizationId).Select(o => o.Slug).SingleOrDefault(),
            })
            .ToListAsync(cancellationToken);

        var (page, next) = query.Cut(rows, row => new PageCursor(row.Event.At, row.Event.Id));
        return TypedResults.Ok(new Response { AuditEvents = page.ConvertAll(row => Of(row.Event, row.Organization)), NextCursor = next });
    }

    private static IQueryable<AuditEvent> VisibleTo(this IQueryable<AuditEvent> events, Caller caller, ApiKeysDbContext db) =>
        caller.IsOperator
            ? events
            : events.Where(e => e.OrganizationId
                == db.Organizations.Where(organization => organization.Slug == caller.Organization).Select(o => (Guid?)o.Id).Single());

    private static IQueryable<AuditEvent> Matching(this IQueryable<AuditEvent> events, Query query)
    {
        if (query.KeyId is { } keyId)
            events = events.Where(e => e.TargetId == keyId && e.TargetType == AuditTargets.Key);

        if (query.Actor is { } actor)
        {
            var email = Member.Normalize(actor);
            events = KeyIds.IsKeyId(actor) ? events.Where(e => e.ActorKeyId == actor) : events.Where(e => e.ActorMember == email);
        }

        if (query.Action is { } action)
            events = events.Where(e => e.Action == action);

        if (Instants.Parse(query.Since) is { } since)
            events = events.Where(e => e.At >= since);

        if (Instants.Parse(query.Until) is { } until)
            events = events.Where(e => e.At < until);

        return events;
    }

    private static IQueryable<AuditEvent> After(this IQueryable<AuditEvent> events, string? cursor) =>
        PageCursor.TryParse(cursor, out var last)
            ? events.Where(e => EF.Functions.LessThan(ValueTuple.Create(e.At, e.Id), ValueTuple.Create(last.At, last.Id)))
            : events;

    private static Event Of(AuditEvent e, string? organization) => new()
    {
        Id = e.Id,
        At = e.At,
        Action = e.Action,
        Outcome = e.Outcome,
        Code = e.Code,
        Organization = organization,
        Actor = new Actor(e.ActorKeyId, e.ActorMember, e.ActorAddress?.ToString()),
        Target = new Target(e.TargetType, e.TargetId),
        Changes = JsonSerializer.Deserialize<JsonElement>(e.Changes),
        TraceId = e.TraceId,
    };
}
