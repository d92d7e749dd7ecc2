using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace ApiKeys.Server.Keys;

/// <summary>One key, with the ETag to edit it by.</summary>
internal static class GetKey
{
    public static async Task<Results<Ok<KeyResponse>, ProblemHttpResult>> HandleAsync(
        [FromRoute(Name = "key_id")] string keyId, Caller caller, ApiKeysDbContext db, TimeProvider time, HttpResponse response,
        CancellationToken cancellationToken)
    {
        var key = await db.FindKeyAsync(keyId, caller, cancellationToken);
        if (key is null)
            return Problems.KeyNotFound();

        response.Headers.ETag = IfMatch.EntityTag(key.Version);
        return TypedResults.Ok(KeyResponse.Of(key, time.Now()));
    }
}
