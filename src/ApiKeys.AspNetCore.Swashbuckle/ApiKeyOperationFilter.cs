using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace ApiKeys.AspNetCore.Swashbuckle;

/// <summary>What an endpoint's metadata says of keys, for its operation.</summary>
internal sealed class ApiKeyOperationFilter : IOperationFilter
{
    private static readonly Dictionary<string, string> Refusals = new()
    {
        ["401"] = "`missing_credentials`, `invalid_key`, `expired_key`, `revoked_key` or `disabled_key`",
        ["403"] = "`insufficient_scope` or `ip_not_allowed`",
        ["429"] = "`rate_limited`: the limit of the key is used up; see `Retry-After`",
        ["503"] = "`unavailable`: keys cannot be checked at the moment; see `Retry-After`",
    };

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        if (metadata.Any(item => item is IAllowAnonymous) || !metadata.Any(TakesKeys))
            return;

        var scopes = metadata.OfType<RequiredScope>().Select(required => required.Scope).Distinct().ToList();
        operation.Security ??= [];
        foreach (var scheme in (string[])[ApiKeySwaggerGenExtensions.HeaderScheme, ApiKeySwaggerGenExtensions.BearerScheme])
            operation.Security.Add(new() { [new OpenApiSecuritySchemeReference(scheme, context.Document)] = scopes }); // OpenAPI 3.1 has room there for roles

        if (scopes.Count > 0)
            operation.Description = $"{operation.Description}\n\nRequires the scope {string.Join(" and ", scopes.Select(scope => $"`{scope}`"))}.".Trim();

        operation.Responses ??= [];
        foreach (var (status, description) in Refusals)
            operation.Responses.TryAdd(status, new OpenApiResponse { Description = description });
    }

    /// <summary>By <c>RequireScope</c> or <c>RequireApiKey</c>, or by a policy that may be met with a key.</summary>
    private static bool TakesKeys(object metadata) => metadata switch
    {
        RequiredScope or IApiKeyQuestionMetadata => true,
        IAuthorizeData data => data.AuthenticationSchemes is not { Length: > 0 } schemes || IsAmong(schemes.Split(',', StringSplitOptions.TrimEntries)),
        AuthorizationPolicy policy => policy.AuthenticationSchemes.Count == 0 || IsAmong(policy.AuthenticationSchemes),
        _ => false,
    };

    private static bool IsAmong(IEnumerable<string> schemes) => schemes.Contains(ApiKeyDefaults.AuthenticationScheme);
}
