using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

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

    /// <summary>The new value. Not a record, which would print it.</summary>
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
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            RuleFor(r => r.GracePeriodDays).InclusiveBetween(0, KeyPolicy.MaxGracePeriodDays);
            RuleFor(r => r.ExpiresInDays).InclusiveBetween(1, KeyPolicy.MaxLifetimeDays);
        }
    }

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        [FromRoute(Name = "key_id")] string keyId, [FromBody] Request? request, Caller caller, ScopeCatalog catalog,
        KeyPolicy policy, ApiKeysDbContext db, AuditTrail audit, TimeProvider time, HttpResponse response,
        CancellationToken cancellationToken)
    {
        request ??= new Request();
        var key = await db.FindKeyAsync(keyId, caller, cancellationToken);
        if (key is null)
            return Problems.KeyNotFound();

        if (caller.Beyond(catalog.Expand(key.Scopes, key.Roles), catalog) is { Count: > 0 } beyond)
            return Problems.ScopeEscalation(beyond); // a new value of a key that may do more would be as good as that key

        if (!caller.MayActAs(key.Owner?.Email))
            return Problems.AdministratorsOnly();

        var (expiredBefore, now) = (key.ExpiresAt, time.Now());
        switch (key.Rotate(policy.Prefix, request.GracePeriodDays, request.ExpiresInDays, now, out var value))
        {
            case RotateOutcome.Revoked:
                return Problems.KeyRevoked();
            case RotateOutcome.Expired:
                return Problems.Invalid("expires_in_days", "is required: the key has expired, and its new secret would be refused at once.");
        }

        audit.KeyRotated(caller, key, expiredBefore);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return Problems.Conflict();
        }

        response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new Response
        {
            KeyId = key.KeyId,
            ApiKey = value!.Reveal(),
            ExpiresAt = key.ExpiresAt,
            PreviousKeyExpiresAt = key.Previous?.ExpiresAt,
        });
    }
}
