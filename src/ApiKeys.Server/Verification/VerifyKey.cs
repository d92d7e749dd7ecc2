using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Http;
using ApiKeys.Server.Http.OpenApi;
using ApiKeys.Server.Model;
using ApiKeys.Server.Verification.Nodes;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ApiKeys.Server.Verification;

/// <summary>Tells another service whether a key is accepted, for what it says.</summary>
internal static class VerifyKey
{
    private const int MaxScopes = 100;
    private const int MaxScopeLength = 200;

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
    public sealed record Response
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

        public static Response Of(ApiKeyDecision decision) => new()
        {
            Valid = decision.Identity is not null,
            Code = decision.Code,
            Detail = decision.Detail,
            KeyId = (decision.Identity ?? decision.RefusedIdentity)?.KeyId,
            Name = decision.Identity?.Name,
            Organization = decision.Identity?.Organization,
            Owner = decision.Identity?.Owner,
            Scopes = decision.Identity?.Scopes.Order(StringComparer.Ordinal).ToList(),
            Environment = decision.Identity is { } identity ? Enum.Parse<KeyEnvironment>(identity.Environment, ignoreCase: true) : null,
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

    /// <summary>Its messages never say what was presented.</summary>
    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            RuleFor(r => r.ApiKey).NotNull().WithMessage("is required.");
            RuleFor(r => r.Scopes).Must(scopes => scopes is null or { Count: <= MaxScopes }).WithMessage($"may be {MaxScopes} at most.");
            RuleForEach(r => r.Scopes).Must(scope => scope is { Length: > 0 and <= MaxScopeLength } && TextRules.IsPlain(scope) && !TextRules.HoldsValue(scope))
                .WithMessage("must be the name of a scope, such as incidents:read.");
            RuleFor(r => r.Method).NotNull().When(r => r.Path is not null).WithMessage("is required where there is a path.");
            RuleFor(r => r.Path).NotNull().When(r => r.Method is not null).WithMessage("is required where there is a method.");
            RuleFor(r => r.Ip).Must(ip => ip is null || Networks.TryParseAddress(ip, out _)).WithMessage("is not an IP address such as 203.0.113.7.");
            RuleFor(r => r.Cost).InclusiveBetween(0, RateLimit.MaxRequests);
        }
    }

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        Request request, IApiKeyVerifier verifier, ScopeCatalog catalog, Terms terms, HttpContext context, CancellationToken cancellationToken)
    {
        var (response, applied) = (context.Response, terms.Applied);
        var address = Networks.TryParseAddress(request.Ip, out var given) ? given : null;
        var decision = await verifier.VerifyAsync(
            new ApiKeyQuestion(new PresentedApiKey(request.ApiKey!), address)
            {
                Scopes = request.Scopes ?? [],
                AnyOf = request is { Method: { } method, Path: { } path } ? catalog.Endpoints.Opening(method, path) : null,
                Cost = request.Cost,
            },
            cancellationToken);

        response.Headers.CacheControl = "no-store";
        if (context.Request.Headers.ContainsKey(LeaseCalls.TermsHeader))
            terms.Tell(response, decision, applied);

        return decision.Outcome == ApiKeyOutcome.Unavailable ? Problems.Unavailable(response) : TypedResults.Ok(Response.Of(decision));
    }
}
