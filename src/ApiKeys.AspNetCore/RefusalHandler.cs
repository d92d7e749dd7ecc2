using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace ApiKeys.AspNetCore;

/// <summary>
/// What the framework does with a request that a policy refuses, and then the body of a refusal of ours: only when all schemes of the
/// policy have been asked is it known whose answer it is.
/// </summary>
internal sealed class RefusalHandler(IOptions<ApiKeyOptions> options) : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _framework = new();

    public Task HandleAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult) =>
        authorizeResult.Succeeded ? next(context) : RefuseAsync(next, context, policy, authorizeResult);

    private async Task RefuseAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        await _framework.HandleAsync(next, context, policy, authorizeResult);
        if (context.Features.Get<ApiKeyRefusal>() is { StandsAlone: true } refusal && !context.Response.HasStarted)
            refusal.SetAlone(context, options.Value); // to come with something else would be of no use

        await ApiKeyProblem.WriteAsync(context);
    }
}
