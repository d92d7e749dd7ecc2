using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Http;

namespace ApiKeys.Server.Verification;

/// <content>What is answered.</content>
internal sealed partial class VerifyKey
{
    /// <summary>Whether it is accepted; if not, only what the presenter may know.</summary>
    public sealed record Response : BufferedBody.IWrittenByHand
    {
        [Required]
        public required bool Valid { get; init; }

        /// <summary>`valid`, or the code of the refusal.</summary>
        /// <example>valid</example>
        [Required]
        public required string Code { get; init; }

        /// <summary>What to do next, where it is refused.</summary>
        public required string? Detail { get; init; }

        /// <summary>Null unless the secret is right.</summary>
        /// <example>k_7Fq2mZ81xY4c</example>
        public required string? KeyId { get; init; }

        /// <example>SOAR Integration</example>
        public string? Name { get; init; }

        /// <summary>A slug.</summary>
        /// <example>default</example>
        public string? Organization { get; init; }

        /// <summary>The email of the member whom the key acts for.</summary>
        /// <example>admin@example.com</example>
        public string? Owner { get; init; }

        /// <summary>All that it may do, its roles' scopes included.</summary>
        /// <example>["incidents:read"]</example>
        public IReadOnlyList<string>? Scopes { get; init; }

        public KeyEnvironment? Environment { get; init; }

        public DateTimeOffset? ExpiresAt { get; init; }

        /// <example>{"team": "soc"}</example>
        public IReadOnlyDictionary<string, string>? Metadata { get; init; }

        /// <summary>Null where it has no limit.</summary>
        public LimitLeft? RateLimit { get; init; }

        public void WriteTo(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            json.WriteBoolean("valid"u8, Valid);
            json.WriteString("code"u8, Code);
            json.WriteString("detail"u8, Detail);
            json.WriteString("key_id"u8, KeyId);
            json.WriteString("name"u8, Name);
            json.WriteString("organization"u8, Organization);
            json.WriteString("owner"u8, Owner);
            WriteScopes(json);
            json.WriteString("environment"u8, Environment?.Name());
            JsonSetup.WriteInstant(json, "expires_at"u8, ExpiresAt);
            WriteMetadata(json);
            WriteRateLimit(json);
            json.WriteEndObject();
        }

        private void WriteScopes(Utf8JsonWriter json)
        {
            if (Scopes is null)
            {
                json.WriteNull("scopes"u8);
                return;
            }

            json.WriteStartArray("scopes"u8);
            for (var i = 0; i < Scopes.Count; i++)
                json.WriteStringValue(Scopes[i]);

            json.WriteEndArray();
        }

        private void WriteMetadata(Utf8JsonWriter json)
        {
            if (Metadata is null)
            {
                json.WriteNull("metadata"u8);
                return;
            }

            json.WriteStartObject("metadata"u8);
            foreach (var (name, text) in Metadata)
                json.WriteString(name, text);

            json.WriteEndObject();
        }

        private void WriteRateLimit(Utf8JsonWriter json)
        {
            if (RateLimit is null)
            {
                json.WriteNull("rate_limit"u8);
                return;
            }

            json.WriteStartObject("rate_limit"u8);
            json.WriteNumber("limit"u8, RateLimit.Limit);
            json.WriteNumber("remaining"u8, RateLimit.Remaining);
            json.WriteNumber("reset_seconds"u8, RateLimit.ResetSeconds);
            json.WriteEndObject();
        }

        public static Response Of(ApiKeyDecision decision) => new()
        {
            Valid = decision.Identity is not null,
            Code = decision.Code,
            Detail = decision.Detail,
            KeyId = (decision.Identity ?? decision.RefusedIdentity)?.KeyId,
            Name = decision.Identity?.Name,
            Organization = decision.Identity?.Organization,
            Owner = decision.Identity?.Owner,
            Scopes = decision.Identity is { Scopes: var scopes } ? OrderedScopes.Of(scopes).Names : null,
            Environment = decision.Identity is { } identity ? KeyEnvironments.Of(identity.Environment) : null,
            ExpiresAt = decision.Identity?.ExpiresAt,
            Metadata = decision.Identity?.Metadata,
            RateLimit = decision.RateLimit is { } limit ? new LimitLeft(limit.Policy.Requests, limit.Remaining, limit.ResetSeconds) : null,
        };
    }

    /// <summary>What is left of a rate limit.</summary>
    /// <param name="Limit" example="100">Requests in each window.</param>
    /// <param name="Remaining" example="50">In this window.</param>
    /// <param name="ResetSeconds" example="30">Until the next window begins.</param>
    public sealed record LimitLeft(
        [property: Required, Range(1, Model.RateLimit.MaxRequests)] int Limit, [property: Required, Range(0, Model.RateLimit.MaxRequests)] int Remaining,
        [property: Required, Range(0, Model.RateLimit.MaxWindowSeconds)] int ResetSeconds);
}
