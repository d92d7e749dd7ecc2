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

    public static async Task<Results<Ok<GetMe.OwnKey>, ProblemHttpResult>> HandleAsync(
        Caller caller, ApiKeysDbContext db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var key = await db.FindKeyForUpdateAsync(caller.KeyId, caller, cancellationToken);
        if (key is null)
            return Problems.KeyNotFound();

        var now = time.Now();
        var before = key.StatusAt(now);
        if (key.Revoke(caller.Name, Reason, now))
            audit.KeyRevoked(caller, key, before);

        return TypedResults.Ok(GetMe.OwnKey.Of(key, caller, now));
    }
}
