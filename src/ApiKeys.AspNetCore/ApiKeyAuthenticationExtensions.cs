using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection;

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
        builder.Services.AddTransient<ApiKeyHandler>();
        builder.Services.AddOptions<ApiKeyOptions>().Configure(configure ?? (_ => { })).PostConfigure(options => options.Validate());
        builder.Services.Configure<AuthenticationOptions>(options =>
            options.AddScheme<ApiKeyHandler>(ApiKeyDefaults.AuthenticationScheme, displayName: "API key"));
        return builder;
    }
}
