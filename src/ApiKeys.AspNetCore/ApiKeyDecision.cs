using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;

namespace ApiKeys.AspNetCore;

/// <summary>What was decided of a presented key. An accepted key has an identity; a refused one has none.</summary>
public sealed class ApiKeyDecision
{
    private readonly ApiKeyDecision? _prepared;
    private Task<AuthenticateResult>? _result;

    private ApiKeyDecision(ApiKeyOutcome outcome, ApiKeyDecision? prepared = null) => (Outcome, _prepared) = (outcome, prepared);

    /// <summary>Why it was refused, or that it was not.</summary>
    public ApiKeyOutcome Outcome { get; }

    /// <summary>Whose key it is; null unless the outcome is <see cref="ApiKeyOutcome.Accepted"/>.</summary>
    public ApiKeyIdentity? Identity { get; private init; }

    /// <summary>Whose key was refused although its secret was right: for logs, and for nothing else.</summary>
    public ApiKeyIdentity? RefusedIdentity { get; private init; }

    /// <summary>Whether it was accepted by the secret before the current one, in the grace period of a rotation.</summary>
    public bool IsByPreviousSecret { get; private init; }

    /// <summary>
    /// The scope that the key does not hold, with <see cref="ApiKeyOutcome.InsufficientScope"/>; null where no scope would do.
    /// </summary>
    public string? MissingScope { get; private init; }

    /// <summary>The <c>code</c> of the problem that it is answered with; <c>valid</c> where it was accepted.</summary>
    public string Code => Identity is null ? ApiKeyRefusal.Of(this).Code : "valid";

    /// <summary>What to do next; null where it was accepted.</summary>
    public string? Detail => Identity is null ? ApiKeyRefusal.Of(this).Detail : null;

    /// <summary>What is left of the rate limit that the request counts against; null where there is none.</summary>
    public ApiKeyRateLimit? RateLimit { get; private init; }

    /// <summary>How it may be remembered, where the service itself has accepted it.</summary>
    internal AcceptedTerms? Terms { get; private init; }

    /// <summary>The key is good. The decision may be given again: with it, what a request needs of the key is prepared once.</summary>
    public static ApiKeyDecision Accept(ApiKeyIdentity identity, bool byPreviousSecret = false)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return new(ApiKeyOutcome.Accepted) { Identity = identity, IsByPreviousSecret = byPreviousSecret };
    }

    /// <summary>The same by the service.</summary>
    internal static ApiKeyDecision Accept(ApiKeyIdentity identity, bool byPreviousSecret, AcceptedTerms terms) =>
        new(ApiKeyOutcome.Accepted) { Identity = identity, IsByPreviousSecret = byPreviousSecret, Terms = terms };

    /// <summary>The key is not good, or nobody can tell.</summary>
    /// <param name="outcome">Any but <see cref="ApiKeyOutcome.Accepted"/>, and those that have a method of their own.</param>
    /// <param name="identity">Whose key it is, where its secret was right.</param>
    public static ApiKeyDecision Refuse(ApiKeyOutcome outcome, ApiKeyIdentity? identity = null)
    {
        if (outcome is ApiKeyOutcome.Accepted or ApiKeyOutcome.InsufficientScope or ApiKeyOutcome.RateLimited)
            throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Not a refusal that needs no more to be said.");

        return new(outcome) { RefusedIdentity = identity };
    }

    /// <summary>The key is good, and may not do this.</summary>
    /// <param name="scope">What it does not hold; null where there is no scope for what is asked.</param>
    /// <param name="identity">Whose key it is.</param>
    public static ApiKeyDecision RefuseScope(string? scope, ApiKeyIdentity identity) =>
        new(ApiKeyOutcome.InsufficientScope) { RefusedIdentity = identity, MissingScope = scope };

    /// <summary>Too many requests.</summary>
    /// <param name="limit">Which limit is used up, and until when.</param>
    /// <param name="identity">Whose key it is, where its secret was right.</param>
    public static ApiKeyDecision RefuseRate(ApiKeyRateLimit limit, ApiKeyIdentity? identity = null) =>
        new(ApiKeyOutcome.RateLimited) { RefusedIdentity = identity, RateLimit = limit };

    /// <summary>The same decision for one request that counts against a rate limit; what was prepared of it is shared.</summary>
    public ApiKeyDecision With(ApiKeyRateLimit limit) => new(Outcome, _prepared ?? this)
    {
        Identity = Identity,
        RefusedIdentity = RefusedIdentity,
        IsByPreviousSecret = IsByPreviousSecret,
        MissingScope = MissingScope,
        RateLimit = limit,
        Terms = Terms,
    };

    /// <summary>The same, or a refusal, of an accepted key that may not hold all the scopes that are asked for.</summary>
    internal ApiKeyDecision Narrow(in ApiKeyQuestion question)
    {
        for (var i = 0; i < question.Scopes.Count; i++)
            if (!Identity!.Scopes.Contains(question.Scopes[i]))
                return RefuseScope(question.Scopes[i], Identity);

        return question.AnyOf is not { } any || any.Any(Identity!.Scopes.Contains) ? this
            : RefuseScope(any.Count > 0 ? any[0] : null, Identity!);
    }

    /// <summary>Malformed, unknown, or with the wrong secret: one answer for the three.</summary>
    public static ApiKeyDecision InvalidKey { get; } = Refuse(ApiKeyOutcome.InvalidKey);

    /// <summary>Nobody can tell at the moment.</summary>
    public static ApiKeyDecision Unavailable { get; } = Refuse(ApiKeyOutcome.Unavailable);

    /// <summary>Made once, and read by every request that is decided so: nobody can write to what is in it.</summary>
    internal Task<AuthenticateResult> SharedResult => _prepared?.SharedResult ?? (_result ??= Task.FromResult(Identity is null
        ? AuthenticateResult.Fail(ApiKeyRefusal.Of(this))
        : Success(Identity.Principal, SharedProperties.Empty)));

    /// <summary>For one request, which may write to it.</summary>
    internal Task<AuthenticateResult> CopyOfResult() =>
        Identity is null ? SharedResult : Task.FromResult(Success(Identity.Principal.Clone(), properties: null));

    private static AuthenticateResult Success(ClaimsPrincipal principal, AuthenticationProperties? properties) =>
        AuthenticateResult.Success(new AuthenticationTicket(principal, properties, ApiKeyDefaults.AuthenticationScheme));
}

/// <summary>What whoever remembers that a value was accepted has to know.</summary>
/// <param name="Until">The first instant at which it is refused; null where there is none.</param>
/// <param name="IsForAddress">Whether it is accepted from some addresses alone.</param>
/// <param name="SecretNumber">Which of the key's secrets it was.</param>
/// <param name="IsLimited">Whether each use has to be counted.</param>
internal sealed record AcceptedTerms(DateTimeOffset? Until, bool IsForAddress, int SecretNumber, bool IsLimited);
