using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace ApiKeys.Server.Verification;

/// <summary>OAuth 2.0 token introspection (RFC 7662) of a key, for gateways that know no better.</summary>
internal sealed class IntrospectToken(IApiKeyVerifier verifier)
{
    /// <summary>RFC 7662 §2.1.</summary>
    /// <param name="Token">The key.</param>
    /// <param name="TokenTypeHint">Not looked at.</param>
    public sealed record Form([property: Required] string Token, string? TokenTypeHint);

    /// <summary>RFC 7662 §2.2. Of what is not accepted, nothing but that.</summary>
    public sealed record Response : BufferedBody.IWrittenByHand
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

        public void WriteTo(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            json.WriteBoolean("active"u8, Active);
            WriteText("scope"u8, Scope);
            WriteText("client_id"u8, ClientId);
            WriteText("username"u8, Username);
            WriteText("token_type"u8, TokenType);
            if (Exp is { } exp)
                json.WriteNumber("exp"u8, exp);

            WriteText("sub"u8, Sub);
            WriteText("organization"u8, Organization);
            json.WriteEndObject();

            void WriteText(ReadOnlySpan<byte> name, string? text)
            {
                if (text is not null)
                    json.WriteString(name, text);
            }
        }

        public static Response Of(ApiKeyIdentity? key) => key is null ? Inactive : new()
        {
            Active = true,
            Scope = OrderedScopes.Of(key.Scopes).Joined,
            ClientId = key.KeyId,
            Username = key.Owner,
            TokenType = "Bearer",
            Exp = key.ExpiresAt?.ToUnixTimeSeconds(),
            Sub = key.KeyId,
            Organization = key.Organization,
        };
    }

    public Task HandleAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (!BufferedBody.IsForm(context.Request))
            return Answer.WriteAsync(context, Problems.UnsupportedMediaType());

        if (TokenOf(BufferedBody.ReadText(context.Request)) is not { } token)
            return Answer.WriteAsync(context, Problems.Invalid("token", "is required, once."));

        var question = new ApiKeyQuestion(new PresentedApiKey(token), Address: null);
        return verifier.TryVerify(question, out var decision) ? TellAsync(context, decision) : VerifyAsync(context, question);
    }

    private async Task VerifyAsync(HttpContext context, ApiKeyQuestion question) =>
        await TellAsync(context, await verifier.VerifyAsync(question, context.RequestAborted));

    private static Task TellAsync(HttpContext context, ApiKeyDecision decision) => decision.Outcome == ApiKeyOutcome.Unavailable
        ? Answer.WriteAsync(context, Problems.Unavailable(context.Response))
        : BufferedBody.WriteJsonAsync(context.Response, Response.Of(decision.Identity));

    /// <returns>Null unless it stands there once.</returns>
    private static string? TokenOf(string form)
    {
        string? token = null;
        foreach (var field in new QueryStringEnumerable(form))
        {
            if (!field.DecodeName().Span.SequenceEqual("token"))
                continue;

            if (token is not null || field.EncodedValue.IsEmpty)
                return null;

            token = field.DecodeValue().ToString();
        }

        return token;
    }
}
