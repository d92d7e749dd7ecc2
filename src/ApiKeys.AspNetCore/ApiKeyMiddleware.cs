using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ApiKeys.AspNetCore;

/// <summary>The short way to the endpoints that keys alone open.</summary>
public static class ApiKeyMiddleware
{
    /// <summary>
    /// Stands in the place of <c>UseAuthentication()</c> and <c>UseAuthorization()</c>, after <c>UseRouting()</c> where that is called. Requests to
    /// endpoints with <see cref="ScopePolicy.RequireScope{TBuilder}"/> and no other authorization take a short way, past most of what
    /// the two do; all others pass both as ever.
    /// </summary>
    /// <remarks>
    /// On the short way <c>HttpContext.User</c> is set as by the framework, and its metrics of authentication are not recorded. Where the application has
    /// a claims transformation, a fallback policy, or services of its own in the place of the framework's, all requests go the long way.
    /// </remarks>
    public static IApplicationBuilder UseApiKeys(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var services = app.ApplicationServices;
        app.Properties["__AuthenticationMiddlewareSet"] = true; // else WebApplication puts both in front by itself
        app.Properties["__AuthorizationMiddlewareSet"] = true;
        return app.Use(next =>
        {
            var longWay = LongWay(app, next);
            if (services.GetService<ApiKeyRegistrations>() is not { AllowShortWay: true } || HasFallbackPolicy(services))
                return longWay;

            var verifier = services.GetRequiredService<IApiKeyVerifier>();
            var options = services.GetRequiredService<IOptions<ApiKeyOptions>>().Value;
            return context => ScopePolicy.IsOpenedByKeysAlone(context.GetEndpoint()) ? ShortWayAsync(context, verifier, options, next) : longWay(context);
        });
    }

    private static RequestDelegate LongWay(IApplicationBuilder app, RequestDelegate next)
    {
        var branch = app.New();
        branch.UseAuthentication();
        if (app.ApplicationServices.GetService<IAuthorizationService>() is not null)
            branch.UseAuthorization();

        branch.Run(next);
        return branch.Build();
    }

    private static bool HasFallbackPolicy(IServiceProvider services) =>
        services.GetService<IOptions<AuthorizationOptions>>()?.Value.FallbackPolicy is not null;

    private static Task ShortWayAsync(HttpContext context, IApiKeyVerifier verifier, ApiKeyOptions options, RequestDelegate next)
    {
        var result = PresentedKey.AuthenticateAsync(context, verifier, options, isShared: true);
        return result.IsCompletedSuccessfully ? GoOn(context, result.Result, next) : AwaitAsync(context, result, next);
    }

    private static async Task AwaitAsync(HttpContext context, Task<AuthenticateResult> result, RequestDelegate next) =>
        await GoOn(context, await result, next);

    private static Task GoOn(HttpContext context, AuthenticateResult result, RequestDelegate next)
    {
        if (result.Succeeded)
        {
            var accepted = new Accepted(result);
            context.Features.Set<Verified>(accepted);
            context.Features.Set<IHttpAuthenticationFeature>(accepted);
            context.Features.Set<IAuthenticateResultFeature>(accepted);
        }
        else
        {
            context.Features.Set<Verified>(new NotAccepted(result));
        }

        return next(context);
    }

    /// <summary>Whom the short way has put there, if nobody has put another in his place.</summary>
    internal static ClaimsPrincipal? UserOf(HttpContext context) =>
        context.Features.Get<IHttpAuthenticationFeature>() is Accepted { AuthenticateResult: not null, User: ApiKeyPrincipal user } ? user : null;

    /// <summary>What the short way has found, whoever is the user now; null where a request did not go it.</summary>
    internal static AuthenticateResult? ResultOf(HttpContext context) => context.Features.Get<Verified>()?.Result;

    /// <summary>As the framework's: who sets another user has no result for him.</summary>
    private sealed class Accepted(AuthenticateResult result) : Verified(result), IHttpAuthenticationFeature, IAuthenticateResultFeature
    {
        private ClaimsPrincipal? _user = result.Principal;
        private AuthenticateResult? _result = result;

        public ClaimsPrincipal? User
        {
            get => _user;
            set => (_user, _result) = (value, null);
        }

        public AuthenticateResult? AuthenticateResult
        {
            get => _result;
            set => (_result, _user) = (value, value?.Principal);
        }
    }

    /// <summary>A request was verified on the short way.</summary>
    internal class Verified(AuthenticateResult result)
    {
        public AuthenticateResult Result => result;
    }

    /// <summary>And not accepted.</summary>
    internal sealed class NotAccepted(AuthenticateResult result) : Verified(result);
}
