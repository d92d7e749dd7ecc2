using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ApiKeys.Server.Keys;

/// <summary>Whoever holds a key can end it: who has found one somewhere does good by it, and who has stolen one gains nothing.</summary>
internal static class RevokeMe
{
    private const string Reason = "Revoked with the key itself";

    /// <summary>The key, and how far its end has come: when this is answered, no node accepts it any more.</summary>
    public sealed record Response : GetMe.OwnKey, ITellsPropagation
    {
        [SetsRequiredMembers]
        public Response(GetMe.OwnKey key)
            : base(key)
        {
        }

        [JsonPropertyOrder(1)]
        public Propagation? Propagation { get; set; }
    }

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        Caller caller, ApiKeysDbContext db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var key = await db.FindKeyForUpdateAsync(caller.KeyId, caller, cancellationToken);
        if (key is null)
            return Problems.KeyNotFound();

        var now = time.Now();
        var before = key.StatusAt(now);
        if (key.Revoke(caller.Name, Reason, now))
            audit.KeyRevoked(caller, key, before);

        return TypedResults.Ok(new Response(GetMe.OwnKey.Of(key, caller, now)));
    }
}
