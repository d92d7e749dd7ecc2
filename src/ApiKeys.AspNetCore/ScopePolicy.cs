using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ApiKeys.AspNetCore;

/// <summary>Scopes, required by endpoints and held by keys.</summary>
public static class ScopePolicy
{
    /// <summary>
    /// Admits only keys that hold the scope, given one by one or by a role. Called twice, it requires both.
    /// A key without it gets 403 <c>insufficient_scope</c>, which names it.
    /// </summary>
    /// <remarks>The endpoint guards itself: no order of middleware, and none left out, can open it.</remarks>
    /// <param name="builder">An endpoint, or a group of them.</param>
    /// <param name="scope"><c>resource:action</c>, such as <c>incidents:read</c>.</param>
    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, string scope)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(scope);
        builder.WithMetadata(new RequiredScope(scope));
        builder.Finally(Guard);
        return builder;
    }

    /// <summary>Admits every key that is accepted, whatever its scopes.</summary>
    /// <remarks>The endpoint guards itself, as with <see cref="RequireScope{TBuilder}"/>.</remarks>
    /// <param name="builder">An endpoint, or a group of them.</param>
    public static TBuilder RequireApiKey<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Finally(Guard);
        return builder;
    }

    /// <summary>Whether the key that a request came with holds a scope.</summary>
    public static bool HasScope(this ClaimsPrincipal user, string scope)
    {
        ArgumentNullException.ThrowIfNull(user);
        return user is ApiKeyPrincipal principal ? principal.Key.Scopes.Contains(scope) : user.HasClaim(ApiKeyClaimTypes.Scope, scope);
    }

    /// <summary>Puts the check in front of the endpoint, once, however many scopes it requires.</summary>
    private static void Guard(EndpointBuilder endpoint)
    {
        if (endpoint.RequestDelegate is not { } next || endpoint.Metadata.Any(item => item is Guarded or IAllowAnonymous))
            return;

        string[] scopes = [.. endpoint.Metadata.OfType<RequiredScope>().Select(required => required.Scope).Distinct()];
        endpoint.Metadata.Add(new Guarded(
            scopes, isAlone: !endpoint.Metadata.Any(item => item is IAuthorizeData or AuthorizationPolicy or IAuthorizationRequirementData)));
        endpoint.RequestDelegate = context =>
        {
            if (ApiKeyMiddleware.UserOf(context) is { } user)
                return AdmitAsync(context, user, scopes, next);

            // Where it is the default scheme, its middleware has asked it already.
            var known = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult;
            return known?.Ticket?.AuthenticationScheme == ApiKeyDefaults.AuthenticationScheme ? AdmitAsync(context, context.User, scopes, next)
                : context.Features.Get<ApiKeyMiddleware.Verified>() is ApiKeyMiddleware.NotAccepted refused ? RefuseAsync(context, refused.Result)
                : AuthenticateAsync(context, scopes, next);
        };
    }

    private static Task AuthenticateAsync(HttpContext context, string[] scopes, RequestDelegate next)
    {
        var result = context.AuthenticateAsync(ApiKeyDefaults.AuthenticationScheme);
        return result.IsCompletedSuccessfully ? AdmitAsync(context, result.Result, scopes, next) : AwaitAsync(context, result, scopes, next);
    }

    private static async Task AwaitAsync(HttpContext context, Task<AuthenticateResult> result, string[] scopes, RequestDelegate next) =>
        await AdmitAsync(context, await result, scopes, next);

    private static Task AdmitAsync(HttpContext context, AuthenticateResult result, string[] scopes, RequestDelegate next)
    {
        if (!result.Succeeded)
            return ChallengeAsync(context);

        if (!IsOf(result.Principal, context.Features.Get<IHttpAuthenticationFeature>()?.User))
            context.User = result.Principal;

        return AdmitAsync(context, result.Principal, scopes, next);
    }

    private static Task AdmitAsync(HttpContext context, ClaimsPrincipal user, string[] scopes, RequestDelegate next)
    {
        foreach (var scope in scopes)
            if (!user.HasScope(scope))
                return RefuseAsync(context, ApiKeyRefusal.InsufficientScope(scope));

        return next(context);
    }

    /// <summary>
    /// Whether the user comes with the key already: the application may have put a copy there and added to it, or a policy the user of
    /// another scheme beside it. He stays; scopes are the key's in any case.
    /// </summary>
    private static bool IsOf(ClaimsPrincipal key, ClaimsPrincipal? user)
    {
        foreach (var identity in user?.Identities ?? [])
            if (identity.AuthenticationType == ApiKeyDefaults.AuthenticationScheme
                && identity.FindFirst(ApiKeyClaimTypes.KeyId) is { } keyId && key.HasClaim(keyId.Type, keyId.Value))
                return true;

        return false;
    }

    private static async Task ChallengeAsync(HttpContext context)
    {
        await context.ChallengeAsync(ApiKeyDefaults.AuthenticationScheme);
        await ApiKeyProblem.WriteAsync(context);
    }

    private static Task RefuseAsync(HttpContext context, ApiKeyRefusal refusal)
    {
        refusal.SetOn(context, OptionsOf(context));
        return refusal.WriteBodyAsync(context);
    }

    private static ApiKeyOptions OptionsOf(HttpContext context) =>
        context.RequestServices.GetRequiredService<IOptions<ApiKeyOptions>>().Value;

    /// <summary>Whether the endpoint requires scopes, and nothing else of anybody.</summary>
    internal static bool IsOpenedByKeysAlone(Endpoint? endpoint) => endpoint?.Metadata.GetMetadata<Guarded>() is { IsAlone: true };

    /// <summary>As a challenge would.</summary>
    private static Task RefuseAsync(HttpContext context, AuthenticateResult result) =>
        RefuseAsync(context, result.Failure as ApiKeyRefusal ?? ApiKeyRefusal.MissingCredentials(OptionsOf(context)));

    private sealed class Guarded(string[] scopes, bool isAlone) : IApiKeyQuestionMetadata
    {
        public ApiKeyQuestion Ask(HttpContext context, ApiKeyQuestion question) => question with { Scopes = scopes };

        public bool IsAlone => isAlone;
    }
}

/// <summary>The scope that an endpoint requires, as its metadata says it.</summary>
public sealed class RequiredScope
{
    internal RequiredScope(string scope) => Scope = scope;

    /// <summary><c>resource:action</c>.</summary>
    public string Scope { get; }
}
