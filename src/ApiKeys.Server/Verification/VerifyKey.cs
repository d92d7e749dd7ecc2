using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Http;
using ApiKeys.Server.Http.OpenApi;
using ApiKeys.Server.Model;
using ApiKeys.Server.Verification.Nodes;

namespace ApiKeys.Server.Verification;

/// <summary>Tells another service whether a key is accepted, for what it says.</summary>
internal sealed class VerifyKey(IApiKeyVerifier verifier, LiveCatalog catalog, Terms terms)
{
    private const int MaxScopes = 100;
    private const int MaxScopeLength = 200;

    private static readonly JsonTypeInfo<Request> RequestJson = JsonSetup.TypeOf<Request>();

    /// <summary>What was presented, and what for.</summary>
    /// <remarks>Not a record, which would print the value.</remarks>
    [TakesAnyText]
    public sealed class Request
    {
        /// <summary>What the client presented, whatever it is.</summary>
        /// <example>sk_live_k_7Fq2mZ81xY4c_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg1MwEWU</example>
        [Required]
        public string? ApiKey { get; init; }

        /// <summary>The key must hold them all: 100 at most, of 200 characters at most.</summary>
        /// <example>["incidents:read"]</example>
        [MaxLength(MaxScopes), EachText(MaxScopeLength)]
        public IReadOnlyList<string>? Scopes { get; init; }

        /// <summary>With `path`: the key must hold a scope that opens it by the catalog.</summary>
        /// <example>GET</example>
        public string? Method { get; init; }

        /// <summary>As in the request line; a query is not looked at.</summary>
        /// <example>/api/v1/incidents</example>
        public string? Path { get; init; }

        /// <summary>Of the client. A key with `allowed_ips` is refused without it.</summary>
        /// <example>203.0.113.7</example>
        public string? Ip { get; init; }

        /// <summary>How much of the key's rate limit it uses up where it is accepted. 0 asks only how much is left.</summary>
        /// <example>1</example>
        [Range(0, RateLimit.MaxRequests), DefaultValue(1)]
        public int Cost { get; init; } = 1;
    }

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

    public Task HandleAsync(HttpContext context)
    {
        var request = BufferedBody.ReadJson(context.Request, RequestJson);
        if (ErrorsOf(request, out var address) is { } errors)
            return Answer.WriteAsync(context, Problems.Invalid(errors));

        var applied = terms.Applied;
        var question = new ApiKeyQuestion(new PresentedApiKey(request.ApiKey!), address)
        {
            Scopes = request.Scopes ?? [],
            AnyOf = request is { Method: { } method, Path: { } path } ? catalog.Current.Endpoints.Opening(method, path) : null,
            Cost = request.Cost,
        };
        return verifier.TryVerify(question, out var decision) ? TellAsync(context, decision, applied) : VerifyAsync(context, question, applied);
    }

    private async Task VerifyAsync(HttpContext context, ApiKeyQuestion question, LogPosition applied) =>
        await TellAsync(context, await verifier.VerifyAsync(question, context.RequestAborted), applied);

    private Task TellAsync(HttpContext context, ApiKeyDecision decision, LogPosition applied)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (context.Request.Headers.ContainsKey(LeaseCalls.TermsHeader))
            terms.Tell(context.Response, decision, applied);

        return decision.Outcome == ApiKeyOutcome.Unavailable
            ? Answer.WriteAsync(context, Problems.Unavailable(context.Response))
            : BufferedBody.WriteJsonAsync(context.Response, Response.Of(decision));
    }

    /// <summary>
    /// What is wrong with a request, by field; null where nothing is. Not FluentValidation's, which would take longer than the verification. What was
    /// presented is never said.
    /// </summary>
    private static Dictionary<string, string[]>? ErrorsOf(Request request, out IPAddress? address)
    {
        Dictionary<string, string[]>? errors = null;
        address = null;
        if (request.ApiKey is null)
            Add("api_key", "is required.");
        if (request.Path is not null && request.Method is null)
            Add("method", "is required where there is a path.");
        if (request.Method is not null && request.Path is null)
            Add("path", "is required where there is a method.");
        if (request.Ip is not null && !Networks.TryParseAddress(request.Ip, out address))
            Add("ip", "is not an IP address such as 203.0.113.7.");
        if (request.Cost is < 0 or > RateLimit.MaxRequests)
            Add("cost", $"must be from 0 to {RateLimit.MaxRequests}.");
        if (request.Scopes is { Count: > MaxScopes })
            Add("scopes", $"may be {MaxScopes} at most.");
        for (var i = 0; i < request.Scopes?.Count; i++)
            if (request.Scopes[i] is not { Length: > 0 and <= MaxScopeLength } scope || !TextRules.IsPlain(scope) || TextRules.HoldsValue(scope))
                Add($"scopes[{i}]", "must be the name of a scope, such as incidents:read.");

        return errors;

        void Add(string field, string message) => (errors ??= [])[field] = [message];
    }
}
