namespace ApiKeys.AspNetCore;

/// <summary>How keys are presented, and how their absence is answered.</summary>
public sealed class ApiKeyOptions
{
    /// <summary>The request header that carries a key. Default <c>X-API-Key</c>.</summary>
    public string HeaderName { get; set; } = ApiKeyDefaults.HeaderName;

    /// <summary>The protection space named by the challenge of a request without a key (RFC 9110 §11.5). Default <c>api</c>.</summary>
    public string Realm { get; set; } = "api";

    /// <summary>The seconds after which to try again when keys cannot be checked (503, <c>Retry-After</c>). Default 5.</summary>
    public int RetryAfterSeconds { get; set; } = 5;

    /// <exception cref="ArgumentException">What is not set as it should be.</exception>
    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(HeaderName);
        ArgumentException.ThrowIfNullOrWhiteSpace(Realm);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(RetryAfterSeconds);
    }
}
