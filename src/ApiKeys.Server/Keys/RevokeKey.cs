using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace ApiKeys.Server.Keys;

/// <summary>Ends a key for ever, the secret in its grace period included.</summary>
internal static class RevokeKey
{
    public sealed record Query
    {
        /// <summary>For the audit trail, up to 200 characters.</summary>
        [FromQuery(Name = "reason"), MaxLength(200)]
        public string? Reason { get; init; }
    }

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => RuleFor(q => q.Reason).TrimmedText(0, 200);
    }

    /// <summary>The key, and how far its end has come: when this is answered, no node accepts it any more.</summary>
    public sealed record Response : KeyResponse, ITellsPropagation
    {
        [SetsRequiredMembers]
        public Response(KeyResponse key)
            : base(key)
        {
        }

        [JsonPropertyOrder(1)]
        public Propagation? Propagation { get; set; }
    }

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        [FromRoute(Name = "key_id")] string keyId, [AsParameters] Query query, Caller caller, ApiKeysDbContext db,
        AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var key = await db.FindKeyForUpdateAsync(keyId, caller, cancellationToken);
        if (key is null)
            return Problems.KeyNotFound();

        var now = time.Now();
        var reason = string.IsNullOrWhiteSpace(query.Reason) ? null : query.Reason.Trim();
        var before = key.StatusAt(now);
        if (key.Revoke(caller.Name, reason, now))
            audit.KeyRevoked(caller, key, before);

        return TypedResults.Ok(new Response(KeyResponse.Of(key, now)));
    }
}
