using System.Buffers;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace ApiKeys.AspNetCore;

/// <summary>How keys are presented, and how their absence is answered.</summary>
public sealed class ApiKeyOptions
{
    private const int MaxKeepSeconds = 300;
    private const char FirstPrintable = ' ';
    private const char LastPrintable = '~';

    /// <summary>What the name of a header is made of (RFC 9110 §5.6.2).</summary>
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>
    /// Where the ApiKeys service is, such as <c>https://keys.example.com</c>; it is asked about each key that is not remembered. To be set, unless the
    /// application registers an <see cref="IApiKeyVerifier"/> of its own.
    /// </summary>
    public Uri? Address { get; set; }

    /// <summary>This API's own key at the service, which holds the scope <c>api-keys:verify</c> (role <c>verifier</c>). To be set with <see cref="Address"/>.</summary>
    public string? Credential { get; set; }

    /// <summary>
    /// For how many seconds an accepted key is accepted without asking where the service's stream of changes cannot be had, so that nobody
    /// tells this process of a revoke. 0 asks for each request then. 0 to 300. Default 0.
    /// </summary>
    public int KeepSeconds { get; set; }

    /// <summary>How the service is reached: for a proxy, a client certificate, or a test. Default a <see cref="SocketsHttpHandler"/>.</summary>
    public HttpMessageHandler? BackchannelHttpHandler { get; set; }

    /// <summary>The request header that carries a key, beside <c>Authorization: Bearer</c>. Default <c>X-API-Key</c>.</summary>
    public string HeaderName { get; set; } = ApiKeyDefaults.HeaderName;

    /// <summary>The protection space named by the challenge of a request without a key (RFC 9110 §11.5). Default <c>api</c>.</summary>
    public string Realm { get; set; } = "api";

    /// <summary>The seconds after which to try again when keys cannot be checked (503, <c>Retry-After</c>). Default 5.</summary>
    public int RetryAfterSeconds { get; set; } = 5;

    /// <summary>All that is not set as it should be.</summary>
    internal IEnumerable<string> Errors()
    {
        if (string.IsNullOrEmpty(HeaderName) || HeaderName.AsSpan().ContainsAnyExcept(TokenCharacters))
            yield return $"{nameof(ApiKeyOptions)}.{nameof(HeaderName)} is '{HeaderName}' and must be the name of a header, such as X-API-Key.";
        else if (HeaderName.Equals(HeaderNames.Authorization, StringComparison.OrdinalIgnoreCase))
            yield return $"{nameof(ApiKeyOptions)}.{nameof(HeaderName)} must be another header than Authorization: a key is read from "
                + "'Authorization: Bearer' in any case.";

        if (string.IsNullOrWhiteSpace(Realm) || Realm.AsSpan().ContainsAnyExceptInRange(FirstPrintable, LastPrintable) || Realm.AsSpan().ContainsAny('"', '\\'))
            yield return $"{nameof(ApiKeyOptions)}.{nameof(Realm)} must be some text in ASCII, without quotes and backslashes.";

        if (RetryAfterSeconds <= 0)
            yield return $"{nameof(ApiKeyOptions)}.{nameof(RetryAfterSeconds)} is {RetryAfterSeconds} and must be positive.";

        if (Address is not null && (!Address.IsAbsoluteUri || Address.Scheme is not ("http" or "https") || Address.Query.Length + Address.Fragment.Length + Address.UserInfo.Length > 0))
            yield return $"{nameof(ApiKeyOptions)}.{nameof(Address)} must be an address such as https://keys.example.com, without a query.";

        if (Address is not null && (string.IsNullOrWhiteSpace(Credential) || Credential.AsSpan().ContainsAnyExceptInRange(FirstPrintable, LastPrintable)))
            yield return $"{nameof(ApiKeyOptions)}.{nameof(Credential)} is not set, or is no key: give it one with the role verifier, from the service at {nameof(Address)}.";

        if (KeepSeconds is < 0 or > MaxKeepSeconds)
            yield return $"{nameof(ApiKeyOptions)}.{nameof(KeepSeconds)} is {KeepSeconds} and must be 0 to {MaxKeepSeconds}.";
    }

    internal sealed class Validator : IValidateOptions<ApiKeyOptions>
    {
        public ValidateOptionsResult Validate(string? name, ApiKeyOptions options)
        {
            string[] errors = [.. options.Errors()];
            return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
        }
    }
}
