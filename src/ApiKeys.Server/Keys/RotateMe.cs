using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace ApiKeys.Server.Keys;

/// <summary>Gives the caller's own key a new secret. Its expiry stands: a key does not prolong its own life.</summary>
internal static class RotateMe
{
    public sealed record Request
    {
        /// <summary>Days for which the old secret goes on working, 0 to 90. 0 ends it at once: should the answer then be lost, so is the key.</summary>
        /// <example>7</example>
        [Range(0, KeyPolicy.MaxGracePeriodDays), DefaultValue(KeyPolicy.DefaultGracePeriodDays)]
        public int GracePeriodDays { get; init; } = KeyPolicy.DefaultGracePeriodDays;
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => RuleFor(r => r.GracePeriodDays).InclusiveBetween(0, KeyPolicy.MaxGracePeriodDays);
    }

    public static async Task<Results<Ok<RotateKey.Response>, ProblemHttpResult>> HandleAsync(
        [FromBody] Request? request, Caller caller, KeyRotation rotation, ApiKeysDbContext db, HttpContext context,
        CancellationToken cancellationToken)
    {
        if (context.Features.Get<ApiKeyDecision>() is { IsByPreviousSecret: true })
            return Problems.RotatedAlready(); // else whoever stole a secret would outlive the rotation that ends it

        request ??= new Request();
        var key = await db.FindKeyAsync(caller.KeyId, caller, cancellationToken);
        if (key is null)
            return Problems.KeyNotFound();

        if (!rotation.TryRotate(key, caller, request.GracePeriodDays, expiresInDays: null, out var value, out var refusal))
            return refusal;

        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ETag = IfMatch.EntityTag(key.Version);
        return TypedResults.Ok(RotateKey.Response.Of(key, value));
    }
}
