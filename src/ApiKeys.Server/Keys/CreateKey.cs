using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json.Serialization;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Http.OpenApi;
using ApiKeys.Server.Model;
using ApiKeys.Server.Organizations;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ApiKeys.Server.Keys;

/// <summary>Makes a key and answers its value, the only time that anybody sees it.</summary>
internal static class CreateKey
{
    public sealed record Request : IKeyRequest
    {
        /// <summary>1 to 100 characters. Say what the key is for, so that one knows which to revoke.</summary>
        /// <example>SOAR Integration</example>
        [Required, StringLength(100, MinimumLength = 1)]
        public string? Name { get; init; }

        /// <summary>10 to 100 characters.</summary>
        /// <example>API key for Palo Alto XSOAR integration</example>
        [StringLength(100, MinimumLength = 10)]
        public string? Description { get; init; }

        /// <summary>At least one scope or role. Give only what the integration needs.</summary>
        /// <example>["incidents:read", "investigations:read"]</example>
        public IReadOnlyList<string>? Scopes { get; init; }

        /// <summary>Bundles of scopes, such as soc_viewer.</summary>
        /// <example>[]</example>
        public IReadOnlyList<string>? Roles { get; init; }

        /// <summary>The lifetime in days, 1 to 365; null for a key that never expires. Left out, it is the configured default (365).</summary>
        /// <example>365</example>
        [Range(1, KeyPolicy.MaxLifetimeDays)]
        public int? ExpiresInDays
        {
            get;
            init
            {
                field = value;
                IsExpiryGiven = true;
            }
        }

        /// <summary>Not public, so that JSON does not know it.</summary>
        internal bool IsExpiryGiven { get; private init; }

        bool IKeyRequest.IsExpiryGiven => IsExpiryGiven;

        public KeyEnvironment Environment { get; init; } = KeyEnvironment.Live;

        public RateLimit? RateLimit { get; init; }

        /// <summary>Addresses and CIDR networks that may use the key, 100 at most. Left out or empty, everybody may.</summary>
        /// <example>[]</example>
        [MaxLength(KeyRules.MaxAllowedIps)]
        public IReadOnlyList<string>? AllowedIps { get; init; }

        /// <summary>Names and texts of your own: 50 at most, names up to 40 characters, texts up to 500.</summary>
        /// <example>{"team": "soc"}</example>
        [EachText(MetadataRules.MaxTextLength)]
        public IReadOnlyDictionary<string, string>? Metadata { get; init; }

        /// <summary>The slug of the organization that will own the key. Only operators may name another than their own.</summary>
        /// <example>null</example>
        [MaxLength(Model.Organization.MaxSlugLength)]
        public string? Organization { get; init; }

        /// <summary>The email of the member whom the key acts for. Left out, it is the caller's own.</summary>
        /// <example>null</example>
        [MaxLength(Member.MaxEmailLength)]
        public string? Owner { get; init; }
    }

    /// <summary>The key as administrators see it, and its value.</summary>
    public sealed record Response : KeyResponse
    {
        [SetsRequiredMembers]
        public Response(KeyResponse key, ApiKeyValue value)
            : base(key) => ApiKey = value.Reveal();

        /// <summary>What the integration sends. Store it now: it is shown this one time.</summary>
        /// <example>sk_live_k_7Fq2mZ81xY4c_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg1MwEWU</example>
        [Required, JsonPropertyOrder(-7)]
        public string ApiKey { get; }

        /// <summary>The header to send it in.</summary>
        /// <example>X-API-Key</example>
        [Required, JsonPropertyOrder(-3)]
        public string HeaderName { get; } = ApiKeyDefaults.HeaderName;

        /// <summary>Without the value.</summary>
        protected override bool PrintMembers(StringBuilder builder) => base.PrintMembers(builder);
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator(ScopeCatalog catalog, KeyPolicy policy)
        {
            Include(new KeyRules(catalog, policy));
            RuleFor(r => r.Name).NotNull().WithMessage("is required.");
            RuleFor(r => r.Scopes).Must((r, _) => r.Scopes is { Count: > 0 } || r.Roles is { Count: > 0 })
                .WithMessage("must name at least one scope, unless 'roles' names a role.");
            RuleFor(r => r.RateLimit!).SetValidator(new RateLimitRules());
            RuleFor(r => r.Metadata).SetValidator(new MetadataRules()!);
            RuleFor(r => r.Organization).PlainText().MaximumLength(Model.Organization.MaxSlugLength);
            RuleFor(r => r.Owner).PlainText().MaximumLength(Member.MaxEmailLength);
        }
    }

    public static async Task<Results<Created<Response>, ProblemHttpResult>> HandleAsync(
        Request request, Caller caller, ScopeCatalog catalog, KeyPolicy policy, PlanLimit plans, ApiKeysDbContext db, AuditTrail audit,
        TimeProvider time, HttpResponse response, CancellationToken cancellationToken)
    {
        var (organization, elsewhere) = await db.FindOrganizationAsync(request.Organization, caller, cancellationToken);
        if (organization is null)
            return elsewhere!;

        string[] scopes = [.. request.Scopes ?? []], roles = [.. request.Roles ?? []];
        var granted = catalog.Expand(scopes, roles);
        if (caller.Beyond(granted, catalog) is { Count: > 0 } beyond)
            return Problems.ScopeEscalation(beyond);

        if (!caller.MayActAs(request.Owner))
            return Problems.AdministratorsOnly();

        var email = request.Owner ?? (organization.Slug == caller.Organization ? caller.Member : null);
        var owner = email is null ? null : await db.FindMemberAsync(organization, email, cancellationToken);
        if (owner is null && request.Owner is not null)
            return Problems.Invalid("owner", "is not the email of a member of this organization.");

        if (catalog.BeyondOwner(granted, owner) is { } lacking)
            return Problems.Invalid("owner", lacking);

        var now = time.Now();
        var key = ApiKey.Create(
            new KeyFacts
            {
                Organization = organization,
                Owner = owner,
                Name = request.Name!.Trim(),
                Description = request.Description?.Trim(),
                Environment = request.Environment,
                Scopes = scopes,
                Roles = roles,
                ExpiresInDays = request.IsExpiryGiven ? request.ExpiresInDays : policy.DefaultExpiresInDays,
                RateLimit = request.RateLimit,
                AllowedIps = [.. (request.AllowedIps ?? []).Select(Networks.Normalize)],
                Metadata = request.Metadata ?? new Dictionary<string, string>(),
                CreatedBy = caller.Name,
            },
            policy.Prefix, now, out var value);

        if (plans.Counts(key) && await plans.RefuseOneMoreAsync(organization.Id, cancellationToken) is { } refusal)
            return refusal;

        db.Add(key);
        audit.KeyCreated(caller, key);

        response.Headers.CacheControl = "no-store";
        response.Headers.ETag = IfMatch.EntityTag(key.Version);
        return TypedResults.Created(
            $"/api/admin/api-keys/{key.KeyId}", new Response(KeyResponse.Of(key, now), value));
    }
}
