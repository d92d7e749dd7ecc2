using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;

namespace ApiKeys.AspNetCore;

/// <summary>Scopes, required by endpoints and held by keys.</summary>
public static class ScopePolicy
{
    /// <summary>
    /// Admits only keys that hold the scope, given one by one or by a role. Called twice, it requires both.
    /// A key without it gets 403 <c>insufficient_scope</c>, which names it.
    /// </summary>
    /// <param name="builder">An endpoint, or a group of them.</param>
    /// <param name="scope"><c>resource:action</c>, such as <c>incidents:read</c>.</param>
    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, string scope)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(scope);
        var requirement = new RequiredScope(scope);
        return builder
            .RequireAuthorization(policy => policy
                .AddAuthenticationSchemes(ApiKeyDefaults.AuthenticationScheme)
                .RequireAuthenticatedUser()
                .AddRequirements(requirement))
            .WithMetadata(requirement);
    }

    /// <summary>Whether the key that a request came with holds a scope.</summary>
    public static bool HasScope(this ClaimsPrincipal user, string scope)
    {
        ArgumentNullException.ThrowIfNull(user);
        return user.HasClaim(ApiKeyClaimTypes.Scope, scope);
    }
}

/// <summary>The scope that an endpoint requires, as its metadata says it and as authorization checks it.</summary>
public sealed class RequiredScope : AuthorizationHandler<RequiredScope>, IAuthorizationRequirement
{
    internal RequiredScope(string scope) => Scope = scope;

    /// <summary><c>resource:action</c>.</summary>
    public string Scope { get; }

    /// <inheritdoc />
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RequiredScope requirement)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(requirement);
        if (context.User.HasScope(requirement.Scope))
            context.Succeed(requirement);

        return Task.CompletedTask;
    }
}
