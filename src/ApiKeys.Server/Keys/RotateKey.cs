using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using ApiKeys.Server.Organizations;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace ApiKeys.Server.Keys;

/// <summary>Gives a key a new secret under the same key id; the old one works until the grace period ends.</summary>
internal static class RotateKey
{
    public sealed record Request
    {
        /// <summary>Days for which the old secret goes on working, 0 to 90; 0 ends it at once.</summary>
        /// <example>7</example>
        [Range(0, KeyPolicy.MaxGracePeriodDays), DefaultValue(KeyPolicy.DefaultGracePeriodDays)]
        public int GracePeriodDays { get; init; } = KeyPolicy.DefaultGracePeriodDays;

        /// <summary>The new lifetime in days from now, 1 to 365. Left out or null, the present expiry stands.</summary>
        /// <example>365</example>
        [Range(1, KeyPolicy.MaxLifetimeDays)]
        public int? ExpiresInDays { get; init; }
    }

    /// <summary>The new value.</summary>
    /// <remarks>Not a record, which would print it.</remarks>
    public sealed class Response
    {
        /// <example>k_7Fq2mZ81xY4c</example>
        [Required]
        public required string KeyId { get; init; }

        /// <summary>What the integration sends from now on. Store it now: it is shown this one time.</summary>
        /// <example>sk_live_k_7Fq2mZ81xY4c_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg1MwEWU</example>
        [Required]
        public required string ApiKey { get; init; }

        public required DateTimeOffset? ExpiresAt { get; init; }

        /// <summary>The first instant at which the old value is refused; null where it was ended at once.</summary>
        public required DateTimeOffset? PreviousKeyExpiresAt { get; init; }

        public static Response Of(ApiKey key, ApiKeyValue value) => new()
        {
            KeyId = key.KeyId,
            ApiKey = value.Reveal(),
            ExpiresAt = key.ExpiresAt,
            PreviousKeyExpiresAt = key.GraceEndsAt,
        };
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator(KeyPolicy policy)
        {
            RuleFor(r => r.GracePeriodDays).InclusiveBetween(0, KeyPolicy.MaxGracePeriodDays);
            RuleFor(r => r.ExpiresInDays).InclusiveBetween(1, policy.MaxExpiresInDays);
        }
    }

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        [FromRoute(Name = "key_id")] string keyId, [FromBody] Request? request, Caller caller, ScopeCatalog catalog, PlanLimit plans,
        KeyRotation rotation, ApiKeysDbContext db, HttpResponse response, CancellationToken cancellationToken)
    {
        request ??= new Request();
        var key = await db.FindKeyAsync(keyId, caller, cancellationToken);
        if (key is null)
            return Problems.KeyNotFound();

        if (caller.Beyond(key.Scopes, key.Roles, catalog) is { Count: > 0 } beyond)
            return Problems.ScopeEscalation(beyond); // a new value of a key that may do more would be as good as that key

        if (!caller.MayActAs(key.Owner?.Email))
            return Problems.AdministratorsOnly();

        var counted = plans.Counts(key);
        if (!rotation.TryRotate(key, caller, request.GracePeriodDays, request.ExpiresInDays, out var value, out var refusal))
            return refusal;

        if (!counted && plans.Counts(key) && await plans.RefuseOneMoreAsync(key.OrganizationId, cancellationToken) is { } limit)
            return limit; // it had expired, and would come back

        response.Headers.CacheControl = "no-store";
        response.Headers.ETag = IfMatch.EntityTag(key.Version);
        return TypedResults.Ok(Response.Of(key, value));
    }
}
