using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Text.Json.Serialization.Metadata;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Http;
using ApiKeys.Server.Http.OpenApi;
using ApiKeys.Server.Model;
using ApiKeys.Server.Verification.Nodes;

namespace ApiKeys.Server.Verification;

/// <summary>Tells another service whether a key is accepted, for what it says.</summary>
internal sealed partial class VerifyKey(IApiKeyVerifier verifier, LiveCatalog catalog, Terms terms)
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

    public Task HandleAsync(HttpContext context)
    {
        if (!BufferedBody.IsJson(context.Request))
            return Answer.WriteAsync(context, Problems.UnsupportedMediaType());

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
        else
            CheckEach();

        return errors;

        void Add(string field, string message) => (errors ??= [])[field] = [message];

        void CheckEach()
        {
            for (var i = 0; i < request.Scopes?.Count; i++)
                if (request.Scopes[i] is not { Length: > 0 and <= MaxScopeLength } scope || !TextRules.IsPlain(scope) || TextRules.HoldsValue(scope))
                    Add($"scopes[{i}]", "must be the name of a scope, such as incidents:read.");
        }
    }
}
