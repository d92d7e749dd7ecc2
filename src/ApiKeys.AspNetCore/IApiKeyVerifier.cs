using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.InteropServices;

namespace ApiKeys.AspNetCore;

/// <summary>
/// Decides whether a presented key is accepted. It answers with a value and throws only for bugs: when it cannot know, the
/// answer is <see cref="ApiKeyOutcome.Unavailable"/>. It is called concurrently, and must not keep or log what was presented.
/// </summary>
public interface IApiKeyVerifier
{
    /// <summary>Judges one presented key.</summary>
    ValueTask<ApiKeyDecision> VerifyAsync(ApiKeyQuestion question, CancellationToken cancellationToken);

    /// <summary>
    /// The same where the answer is at hand. It is asked first, since a request that might have to wait costs more.
    /// </summary>
    /// <returns>False where one would have to wait, or cannot tell.</returns>
    bool TryVerify(ApiKeyQuestion question, [NotNullWhen(true)] out ApiKeyDecision? decision)
    {
        decision = null;
        return false;
    }
}

/// <summary>What was presented, from where, and what for.</summary>
/// <param name="Key">As it was received.</param>
/// <param name="Address">The address of the connection's other end; null where there is none, as in a test.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ApiKeyQuestion(PresentedApiKey Key, IPAddress? Address)
{
    /// <summary>The scopes that the key must hold, all of them. None by default.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Scopes of which the key must hold one. Null asks for none of them; of an empty list nobody holds one. Default null.</summary>
    public IReadOnlyList<string>? AnyOf { get; init; }

    /// <summary>How much of the key's rate limit an accepted request uses up, 0 or more. Default 1.</summary>
    public int Cost
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    } = 1;
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

    /// <summary>Answered with 403 <c>insufficient_scope</c>.</summary>
    InsufficientScope,

    /// <summary>Answered with 429 <c>rate_limited</c>.</summary>
    RateLimited,
}
