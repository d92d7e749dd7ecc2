using ApiKeys.AspNetCore.Leases;
using ApiKeys.AspNetCore.Remote;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ApiKeys.AspNetCore;

/// <summary>Adds API keys to an application's authentication.</summary>
public static class ApiKeyAuthenticationExtensions
{
    /// <summary>
    /// Adds the scheme <see cref="ApiKeyDefaults.AuthenticationScheme"/>. Whether a key is accepted is decided by the service at
    /// <see cref="ApiKeyOptions.Address"/>, or by the <see cref="IApiKeyVerifier"/> that the application has registered.
    /// </summary>
    /// <remarks>
    /// It also takes the place of the framework's <see cref="AuthorizationMiddlewareResultHandler"/>, to write the body of a refusal after
    /// all schemes of a policy were asked. An <see cref="IAuthorizationMiddlewareResultHandler"/> of the application stays, and may
    /// call <see cref="ApiKeyProblem.WriteAsync"/>; without it, a policy's refusal has status and headers alone.
    /// </remarks>
    public static AuthenticationBuilder AddApiKeys(this AuthenticationBuilder builder, Action<ApiKeyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddTransient<ApiKeyHandler>();
        services.AddSingleton(new ApiKeyRegistrations(services));
        services.AddOptions<ApiKeyOptions>().Configure(configure ?? (_ => { })).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ApiKeyOptions>, ApiKeyOptions.Validator>());
        services.Configure<AuthenticationOptions>(options =>
            options.AddScheme<ApiKeyHandler>(ApiKeyDefaults.AuthenticationScheme, displayName: "API key"));
        services.TryAddSingleton<MonotonicClock>();
        services.TryAddSingleton<IApiKeyVerifier, RemoteApiKeyVerifier>();
        services.AddHostedService<ServiceLink>();
        AddRefusalHandler(services);
        return builder;
    }

    /// <summary>Authorization may have been added before, with the framework's handler, or will be after, which then adds none.</summary>
    private static void AddRefusalHandler(IServiceCollection services)
    {
        var handler = ServiceDescriptor.Singleton<IAuthorizationMiddlewareResultHandler, RefusalHandler>();
        for (var i = 0; i < services.Count; i++)
            if (services[i] is { IsKeyedService: false } service && service.ServiceType == handler.ServiceType
                && service.ImplementationType == typeof(AuthorizationMiddlewareResultHandler))
                services[i] = handler;

        services.TryAdd(handler);
    }
}
