using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace ApiKeys.AspNetCore;

/// <summary>What the application has registered in the end: whether anybody would miss the framework's way to a user.</summary>
internal sealed class ApiKeyRegistrations(IServiceCollection services)
{
    /// <summary>One verifier for all requests, and nothing of the application's own in the place of the framework's.</summary>
    public bool AllowShortWay =>
        Last(typeof(IApiKeyVerifier)) is { Lifetime: ServiceLifetime.Singleton }
        && Last(typeof(IClaimsTransformation))?.ImplementationType == typeof(NoopClaimsTransformation)
        && IsFrameworks(typeof(IAuthenticationService))
        && IsFrameworks(typeof(IAuthenticationSchemeProvider))
        && IsFrameworks(typeof(IAuthenticationHandlerProvider))
        && (Last(typeof(IAuthorizationPolicyProvider)) is null || IsFrameworks(typeof(IAuthorizationPolicyProvider)));

    private bool IsFrameworks(Type service) =>
        Last(service)?.ImplementationType?.Assembly.GetName().Name?.StartsWith("Microsoft.AspNetCore.Auth", StringComparison.Ordinal) == true;

    private ServiceDescriptor? Last(Type service) =>
        services.LastOrDefault(descriptor => !descriptor.IsKeyedService && descriptor.ServiceType == service);
}
