using System.Net;

namespace ApiKeys.AspNetCore;

/// <summary>
/// Decides whether a presented key is accepted. It answers with a value and throws only for bugs: when it cannot know, the
/// answer is <see cref="ApiKeyOutcome.Unavailable"/>. It is called concurrently, and must not keep or log what was presented.
/// </summary>
public interface IApiKeyVerifier
{
    /// <summary>Judges one presented key.</summary>
    ValueTask<ApiKeyDecision> VerifyAsync(ApiKeyQuestion question, CancellationToken cancellationToken);
}

/// <summary>What was presented, and from where.</summary>
/// <param name="Key">As it was received.</param>
/// <param name="Address">The address of the connection's other end; null where there is none, as in a test.</param>
public readonly record struct ApiKeyQuestion(PresentedApiKey Key, IPAddress? Address);

/// <summary>An accepted key has an identity; a refused one has none.</summary>
public sealed record ApiKeyDecision
{
    private ApiKeyDecision(ApiKeyOutcome outcome, ApiKeyIdentity? identity)
    {
        Outcome = outcome;
        Identity = identity;
    }

    /// <summary>Why it was refused, or that it was not.</summary>
    public ApiKeyOutcome Outcome { get; }

    /// <summary>Whose key it is; null unless the outcome is <see cref="ApiKeyOutcome.Accepted"/>.</summary>
    public ApiKeyIdentity? Identity { get; }

    /// <summary>The key is good.</summary>
    public static ApiKeyDecision Accept(ApiKeyIdentity identity) => new(ApiKeyOutcome.Accepted, identity);

    /// <summary>Malformed, unknown, or with the wrong secret: one answer for the three.</summary>
    public static ApiKeyDecision InvalidKey { get; } = new(ApiKeyOutcome.InvalidKey, identity: null);

    /// <summary>The right secret of a key that has expired.</summary>
    public static ApiKeyDecision ExpiredKey { get; } = new(ApiKeyOutcome.ExpiredKey, identity: null);

    /// <summary>The right secret of a key that was revoked.</summary>
    public static ApiKeyDecision RevokedKey { get; } = new(ApiKeyOutcome.RevokedKey, identity: null);

    /// <summary>The right secret of a key that is switched off.</summary>
    public static ApiKeyDecision DisabledKey { get; } = new(ApiKeyOutcome.DisabledKey, identity: null);

    /// <summary>The right secret of a key whose organization is suspended.</summary>
    public static ApiKeyDecision OrganizationSuspended { get; } = new(ApiKeyOutcome.OrganizationSuspended, identity: null);

    /// <summary>A good key, from an address that it may not be used from.</summary>
    public static ApiKeyDecision IpNotAllowed { get; } = new(ApiKeyOutcome.IpNotAllowed, identity: null);

    /// <summary>Nobody can tell at the moment.</summary>
    public static ApiKeyDecision Unavailable { get; } = new(ApiKeyOutcome.Unavailable, identity: null);
}

/// <summary>How a verification can end.</summary>
public enum ApiKeyOutcome
{
    /// <summary>Accepted.</summary>
    Accepted,

    /// <summary>Answered with 401 <c>invalid_key</c>.</summary>
    InvalidKey,

    /// <summary>Answered with 401 <c>expired_key</c>.</summary>
    ExpiredKey,

    /// <summary>Answered with 401 <c>revoked_key</c>.</summary>
    RevokedKey,

    /// <summary>Answered with 401 <c>disabled_key</c>.</summary>
    DisabledKey,

    /// <summary>Answered with 401 <c>disabled_key</c>.</summary>
    OrganizationSuspended,

    /// <summary>Answered with 403 <c>ip_not_allowed</c>.</summary>
    IpNotAllowed,

    /// <summary>Answered with 503 <c>unavailable</c>.</summary>
    Unavailable,
}
