using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ApiKeys.Server.Verification;

/// <summary>OAuth 2.0 token introspection (RFC 7662) of a key, for gateways that know no better.</summary>
internal static class IntrospectToken
{
    /// <summary>RFC 7662 §2.1.</summary>
    /// <param name="Token">The key.</param>
    /// <param name="TokenTypeHint">Not looked at.</param>
    public sealed record Form([property: Required] string Token, string? TokenTypeHint);

    /// <summary>RFC 7662 §2.2. Of what is not accepted, nothing but that.</summary>
    public sealed record Response
    {
        public static readonly Response Inactive = new() { Active = false };

        [Required]
        public required bool Active { get; init; }

        /// <summary>With spaces between.</summary>
        /// <example>incidents:read search:read</example>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Scope { get; init; }

        /// <summary>The key id.</summary>
        /// <example>k_7Fq2mZ81xY4c</example>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? ClientId { get; init; }

        /// <summary>The email of the member whom the key acts for.</summary>
        /// <example>admin@example.com</example>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Username { get; init; }

        /// <example>Bearer</example>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? TokenType { get; init; }

        /// <summary>The second in which it expires, since the Unix epoch.</summary>
        /// <example>1798675200</example>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public long? Exp { get; init; }

        /// <summary>The key id.</summary>
        /// <example>k_7Fq2mZ81xY4c</example>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Sub { get; init; }

        /// <summary>The slug of the organization that owns the key.</summary>
        /// <example>default</example>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Organization { get; init; }

        public static Response Of(ApiKeyIdentity? key) => key is null ? Inactive : new()
        {
            Active = true,
            Scope = string.Join(' ', key.Scopes.Order(StringComparer.Ordinal)),
            ClientId = key.KeyId,
            Username = key.Owner,
            TokenType = "Bearer",
            Exp = key.ExpiresAt?.ToUnixTimeSeconds(),
            Sub = key.KeyId,
            Organization = key.Organization,
        };
    }

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        HttpContext context, IApiKeyVerifier verifier, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (!context.Request.HasFormContentType)
            return Problems.UnsupportedMediaType();

        var form = await context.Request.ReadFormAsync(cancellationToken);
        if (form["token"] is not [{ Length: > 0 } token])
            return Problems.Invalid("token", "is required, once.");

        var decision = await verifier.VerifyAsync(new ApiKeyQuestion(new PresentedApiKey(token), Address: null), cancellationToken);
        return decision.Outcome == ApiKeyOutcome.Unavailable
            ? Problems.Unavailable(context.Response)
            : TypedResults.Ok(Response.Of(decision.Identity));
    }
}
