using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ApiKeys.AspNetCore;

/// <summary>Adds API keys to an application's authentication.</summary>
public static class ApiKeyAuthenticationExtensions
{
    /// <summary>
    /// Adds the scheme <see cref="ApiKeyDefaults.AuthenticationScheme"/>. Whether a key is accepted is decided by the
    /// <see cref="IApiKeyVerifier"/> that the application has registered.
    /// </summary>
    public static AuthenticationBuilder AddApiKeys(this AuthenticationBuilder builder, Action<ApiKeyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddTransient<ApiKeyHandler>();
        services.AddOptions<ApiKeyOptions>().Configure(configure ?? (_ => { })).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ApiKeyOptions>, ApiKeyOptions.Validator>());
        services.Configure<AuthenticationOptions>(options =>
            options.AddScheme<ApiKeyHandler>(ApiKeyDefaults.AuthenticationScheme, displayName: "API key"));
        return builder;
    }
}
