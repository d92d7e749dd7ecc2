using System.ComponentModel.DataAnnotations;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Http.OpenApi;
using ApiKeys.Server.Model;
using ApiKeys.Server.Organizations;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace ApiKeys.Server.Keys;

/// <summary>Edits a key by JSON merge patch (RFC 7396): what is left out stays, and null removes.</summary>
internal static class UpdateKey
{
    public sealed record Request : Patch, IKeyRequest
    {
        /// <summary>1 to 100 characters.</summary>
        /// <example>SOAR Integration</example>
        [StringLength(100, MinimumLength = 1)]
        public string? Name { get; init => field = Given(value); }

        /// <summary>10 to 100 characters; null for none.</summary>
        /// <example>API key for Palo Alto XSOAR integration</example>
        [StringLength(100, MinimumLength = 10)]
        public string? Description { get; init => field = Given(value); }

        /// <summary>All of them, in place of those that the key has.</summary>
        /// <example>["incidents:read"]</example>
        public IReadOnlyList<string>? Scopes { get; init => field = Given(value); }

        /// <summary>All of them, in place of those that the key has.</summary>
        /// <example>[]</example>
        public IReadOnlyList<string>? Roles { get; init => field = Given(value); }

        /// <summary>The new lifetime in days from now; null for a key that never expires.</summary>
        /// <example>90</example>
        [Range(1, KeyPolicy.MaxLifetimeDays)]
        public int? ExpiresInDays { get; init => field = Given(value); }

        /// <summary>What is left out of it stays; null removes the limit.</summary>
        public RateLimitPatch? RateLimit { get; init => field = Given(value); }

        /// <summary>All of them, in place of those that the key has; empty or null, and everybody may use the key.</summary>
        /// <example>[]</example>
        [MaxLength(KeyRules.MaxAllowedIps)]
        public IReadOnlyList<string>? AllowedIps { get; init => field = Given(value); }

        /// <summary>Texts to add or to change, by name; null removes a name, and null for the whole removes them all.</summary>
        /// <example>{"team": "soc"}</example>
        [EachText(MetadataRules.MaxTextLength)]
        public IReadOnlyDictionary<string, string?>? Metadata { get; init => field = Given(value); }

        /// <summary>False switches the key off until it is true again.</summary>
        /// <example>true</example>
        public bool? Enabled { get; init => field = Given(value); }

        bool IKeyRequest.IsExpiryGiven => Has(nameof(ExpiresInDays));

        /// <summary>The details with what was given in place of what was.</summary>
        public KeyDetails ApplyTo(KeyDetails old, DateTimeOffset now) => new()
        {
            Name = Name?.Trim() ?? old.Name,
            Description = Has(nameof(Description)) ? Description?.Trim() : old.Description,
            Scopes = Has(nameof(Scopes)) ? Scopes ?? [] : old.Scopes,
            Roles = Has(nameof(Roles)) ? Roles ?? [] : old.Roles,
            RateLimit = Has(nameof(RateLimit)) ? RateLimit?.ApplyTo(old.RateLimit) : old.RateLimit,
            AllowedIps = Has(nameof(AllowedIps)) ? [.. (AllowedIps ?? []).Select(Networks.Normalize)] : old.AllowedIps,
            Metadata = Has(nameof(Metadata)) ? Merged(old.Metadata, Metadata) : old.Metadata,
            Enabled = Enabled ?? old.Enabled,
            ExpiresAt = Has(nameof(ExpiresInDays)) ? (ExpiresInDays is { } days ? now.AddDays(days) : null) : old.ExpiresAt,
        };

        private static Dictionary<string, string> Merged(
            IReadOnlyDictionary<string, string> old, IReadOnlyDictionary<string, string?>? patch)
        {
            var merged = patch is null ? [] : old.ToDictionary();
            foreach (var (name, text) in patch ?? new Dictionary<string, string?>())
            {
                if (text is null)
                    merged.Remove(name);
                else
                    merged[name] = text;
            }

            return merged;
        }
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator(ScopeCatalog catalog, KeyPolicy policy)
        {
            Include(new KeyRules(catalog, policy));
            RuleFor(r => r.Name).NotNull().When(r => r.Has(nameof(r.Name))).WithMessage("must not be null.");
            RuleFor(r => r.Enabled).NotNull().When(r => r.Has(nameof(r.Enabled))).WithMessage("must be true or false.");
        }
    }

    public static async Task<Results<Ok<KeyResponse>, ProblemHttpResult>> HandleAsync(
        [FromRoute(Name = "key_id")] string keyId, Request request, Caller caller, ScopeCatalog catalog, PlanLimit plans,
        ApiKeysDbContext db, AuditTrail audit, TimeProvider time, HttpContext context, CancellationToken cancellationToken)
    {
        await db.LockOrganizationOfKeyAsync(keyId, caller, cancellationToken); // first, since the key may come to count
        var key = await db.FindKeyForUpdateAsync(keyId, caller, cancellationToken);
        if (key is null)
            return Problems.KeyNotFound();

        if (!IfMatch.Allows(context.Request, key.Version))
            return Problems.PreconditionFailed();

        var (now, before, counted) = (time.Now(), key.Details, plans.Counts(key));
        var after = request.ApplyTo(before, now);
        if (Refuse(before, after, key.Owner, caller, catalog) is { } refusal)
            return refusal;

        if (key.StatusAt(now) == KeyStatus.Revoked)
            return Problems.KeyRevoked();

        if (key.Edit(after, now))
        {
            audit.KeyUpdated(caller, key, before);
            if (!counted && plans.Counts(key) && await plans.RefuseOneMoreAsync(key.OrganizationId, cancellationToken) is { } limit)
                return limit;
        }

        context.Response.Headers.ETag = IfMatch.EntityTag(key.Version);
        return TypedResults.Ok(KeyResponse.Of(key, now));
    }

    /// <summary>What is wrong with the key as it would be, and what the caller may not make of it.</summary>
    private static ProblemHttpResult? Refuse(KeyDetails before, KeyDetails after, Member? owner, Caller caller, ScopeCatalog catalog)
    {
        var errors = new Dictionary<string, string[]>();
        if (after.Scopes.Count == 0 && after.Roles.Count == 0)
            errors["scopes"] = ["must name at least one scope, unless 'roles' names a role."];

        if (RateLimitRules.Error(after.RateLimit) is { } wrong)
            errors["rate_limit"] = [wrong];

        var metadata = new MetadataRules().Validate(after.Metadata);
        if (!metadata.IsValid)
            errors["metadata"] = [.. metadata.Errors.Select(error => error.ErrorMessage)];

        var held = catalog.Expand(before.Scopes, before.Roles);
        var granted = catalog.Expand(after.Scopes, after.Roles);
        if (catalog.BeyondOwner(granted.Except(held), owner) is { } lacking)
            errors["scopes"] = [$"The key's owner {lacking}"];

        if (errors.Count > 0)
            return Problems.Invalid(errors);

        var added = granted.Except(held).ToList();
        var widens = Widens(before, after);
        var beyond = widens ? caller.Beyond(after.Scopes, after.Roles, catalog) : caller.Beyond(added, catalog);
        if (beyond.Count > 0)
            return Problems.ScopeEscalation(beyond);

        return (!widens && added.Count == 0) || caller.MayActAs(owner?.Email) ? null : Problems.AdministratorsOnly();
    }

    /// <summary>
    /// Whether the key can be used where, when or as often as it could not before; or says of itself to those who verify it
    /// what it did not, for they may go by it.
    /// </summary>
    private static bool Widens(KeyDetails before, KeyDetails after) =>
        (after.Enabled && !before.Enabled)
        || (after.ExpiresAt is not { } end ? before.ExpiresAt is not null : end > before.ExpiresAt)
        || !after.AllowedIps.ToHashSet().SetEquals(before.AllowedIps)
        || after.RateLimit != before.RateLimit
        || after.Metadata.Count != before.Metadata.Count || after.Metadata.Except(before.Metadata).Any();
}
