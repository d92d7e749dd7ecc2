using System.Globalization;
using System.Net.Mime;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ApiKeys.AspNetCore;

/// <summary>
/// Every way to refuse a request before its endpoint runs, and the words for it. It is an exception only because
/// <c>AuthenticateResult</c> carries failures as such; none is ever thrown.
/// </summary>
internal sealed class ApiKeyRefusal : Exception
{
    private ApiKeyRefusal(int status, string code, string title, string detail, string? challenge = null)
        : base(title)
    {
        Status = status;
        Code = code;
        Detail = detail;
        Challenge = challenge;
    }

    public int Status { get; }

    public string Code { get; }

    public string Detail { get; }

    /// <summary>The <c>WWW-Authenticate</c> header (RFC 6750 §3), where there is one.</summary>
    public string? Challenge { get; }

    /// <summary>The limit that is used up, with 429.</summary>
    private ApiKeyRateLimit? Limit { get; init; }

    private const string InvalidToken = "Bearer error=\"invalid_token\"";

    public static readonly ApiKeyRefusal InvalidKey = new(
        StatusCodes.Status401Unauthorized, "invalid_key", "Invalid API key",
        "The API key is not valid. Check that the whole key was copied, and that it was not replaced by a rotation.", InvalidToken);

    public static readonly ApiKeyRefusal ExpiredKey = new(
        StatusCodes.Status401Unauthorized, "expired_key", "Expired API key",
        "The API key has expired. Ask an administrator to rotate it with a new expiry, or to create another.", InvalidToken);

    public static readonly ApiKeyRefusal RevokedKey = new(
        StatusCodes.Status401Unauthorized, "revoked_key", "Revoked API key",
        "The API key was revoked and will never work again. Ask an administrator for a new one.", InvalidToken);

    public static readonly ApiKeyRefusal DisabledKey = new(
        StatusCodes.Status401Unauthorized, "disabled_key", "Disabled API key",
        "The API key is disabled. Ask an administrator to enable it.", InvalidToken);

    public static readonly ApiKeyRefusal OrganizationSuspended = new(
        StatusCodes.Status401Unauthorized, "disabled_key", "Disabled API key",
        "The organization that the API key belongs to is suspended. Ask the operator of this service to resume it.", InvalidToken);

    public static readonly ApiKeyRefusal IpNotAllowed = new(
        StatusCodes.Status403Forbidden, "ip_not_allowed", "Address not allowed",
        "The API key may not be used from this address. Ask an administrator to add it to the key's allowed addresses.");

    public static readonly ApiKeyRefusal Unavailable = new(
        StatusCodes.Status503ServiceUnavailable, "unavailable", "Temporarily unavailable",
        "API keys cannot be checked at the moment. Try again after the number of seconds in Retry-After.");

    public static readonly ApiKeyRefusal Forbidden = new(
        StatusCodes.Status403Forbidden, "forbidden", "Forbidden",
        "The API key may not do this. Ask an administrator what it lacks.");

    public static ApiKeyRefusal AmbiguousCredentials(ApiKeyOptions options) => new(
        StatusCodes.Status400BadRequest, "ambiguous_credentials", "More than one API key",
        $"More than one API key was presented. Send exactly one, in {options.HeaderName} or as Authorization: Bearer, and only once.");

    public static ApiKeyRefusal MissingCredentials(ApiKeyOptions options) => new(
        StatusCodes.Status401Unauthorized, "missing_credentials", "Missing API key",
        $"No API key was presented. Send one as '{options.HeaderName}: <key>' or as 'Authorization: Bearer <key>'.",
        $"Bearer realm=\"{options.Realm}\"");

    /// <summary>Where a request with a good key is challenged all the same: by the application, or since it was to come with something else.</summary>
    public static ApiKeyRefusal NotEnough(ApiKeyOptions options) => new(
        StatusCodes.Status401Unauthorized, "unauthorized", "Unauthorized",
        "The API key is valid, but it is not enough for this request. Ask an administrator what else it takes.",
        $"Bearer realm=\"{options.Realm}\"");

    public static ApiKeyRefusal InsufficientScope(string scope) => new(
        StatusCodes.Status403Forbidden, "insufficient_scope", "Insufficient scope",
        $"API key does not have the required scope: {scope}",
        $"Bearer error=\"insufficient_scope\", scope=\"{scope}\"");

    private static readonly ApiKeyRefusal NoScope = new(
        StatusCodes.Status403Forbidden, "insufficient_scope", "Insufficient scope",
        "No scope opens this method and path. Ask an administrator to add it to the catalog.", "Bearer error=\"insufficient_scope\"");

    public static ApiKeyRefusal RateLimited(ApiKeyRateLimit limit) => new(
        StatusCodes.Status429TooManyRequests, "rate_limited", "Too many requests",
        string.Create(CultureInfo.InvariantCulture,
            $"The limit of {limit.Policy.Requests} requests in {limit.Policy.WindowSeconds} s is used up. Try again in {limit.ResetSeconds} s."))
    {
        Limit = limit,
    };

    public static ApiKeyRefusal Of(ApiKeyDecision decision) => decision.Outcome switch
    {
        ApiKeyOutcome.InvalidKey => InvalidKey,
        ApiKeyOutcome.ExpiredKey => ExpiredKey,
        ApiKeyOutcome.RevokedKey => RevokedKey,
        ApiKeyOutcome.DisabledKey => DisabledKey,
        ApiKeyOutcome.OrganizationSuspended => OrganizationSuspended,
        ApiKeyOutcome.IpNotAllowed => IpNotAllowed,
        ApiKeyOutcome.Unavailable => Unavailable,
        ApiKeyOutcome.InsufficientScope => decision.MissingScope is { } scope ? InsufficientScope(scope) : NoScope,
        ApiKeyOutcome.RateLimited => RateLimited(decision.RateLimit!.Value),
        _ => throw new ArgumentOutOfRangeException(nameof(decision), decision.Outcome, "Not a refusal."),
    };

    /// <summary>Sets status and headers, beside those of other schemes, and leaves the body for <see cref="WriteBodyAsync"/>.</summary>
    public void SetOn(HttpContext context, ApiKeyOptions options)
    {
        context.Features.Set(this);
        context.Features.Set(new ApiKeyRefusalFeature(Code));
        var response = context.Response;
        response.StatusCode = Status;
        if (Challenge is not null)
            response.Headers.Append(HeaderNames.WWWAuthenticate, Challenge);

        if (Status == StatusCodes.Status503ServiceUnavailable)
            response.Headers.RetryAfter = options.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);

        if (Limit is { } limit)
        {
            response.Headers.RetryAfter = limit.ResetSeconds.ToString(CultureInfo.InvariantCulture);
            limit.SetOn(response);
        }
    }

    /// <summary>Whether it is the answer whatever other schemes of a policy would have: it is not for another credential that is asked.</summary>
    public bool StandsAlone => Code is "insufficient_scope" or "rate_limited";

    /// <summary>In the place of what other schemes have said.</summary>
    public void SetAlone(HttpContext context, ApiKeyOptions options)
    {
        context.Response.Headers.Remove(HeaderNames.WWWAuthenticate);
        context.Response.Headers.Remove(HeaderNames.Location);
        SetOn(context, options);
    }

    /// <summary>The problem, unless another scheme has answered instead.</summary>
    public Task WriteBodyAsync(HttpContext context) =>
        context.Response.HasStarted || context.Response.StatusCode != Status
            ? Task.CompletedTask
            : context.Response.WriteAsJsonAsync(
                ApiKeyProblem.Create(Status, Code, Message, Detail), options: null, MediaTypeNames.Application.ProblemJson,
                context.RequestAborted);
}
