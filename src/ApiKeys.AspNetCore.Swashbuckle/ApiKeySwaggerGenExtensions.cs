using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace ApiKeys.AspNetCore.Swashbuckle;

/// <summary>Says in an API's OpenAPI document what keys its endpoints ask for.</summary>
public static class ApiKeySwaggerGenExtensions
{
    /// <summary>The security scheme of the key's own header.</summary>
    public const string HeaderScheme = "X-API-Key";

    /// <summary>The security scheme of <c>Authorization: Bearer</c>.</summary>
    public const string BearerScheme = "Bearer";

    /// <summary>
    /// Declares both ways to present a key, so that Swagger UI asks for one under Authorize; and says of each operation that takes a key
    /// which scopes it must hold, and how it is refused.
    /// </summary>
    /// <param name="options">In <c>AddSwaggerGen</c>.</param>
    /// <param name="headerName">As in <see cref="ApiKeyOptions.HeaderName"/>. Default <c>X-API-Key</c>.</param>
    public static void AddApiKeys(this SwaggerGenOptions options, string headerName = ApiKeyDefaults.HeaderName)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(headerName);
        options.AddSecurityDefinition(HeaderScheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = headerName,
            Description = "The whole value, `sk_live_k_…`.",
        });
        options.AddSecurityDefinition(BearerScheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "The same value, sent as `Authorization: Bearer`.",
        });
        options.OperationFilter<ApiKeyOperationFilter>();
    }
}
