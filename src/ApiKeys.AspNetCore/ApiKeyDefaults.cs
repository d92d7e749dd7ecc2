namespace ApiKeys.AspNetCore;

/// <summary>What an API has that configures nothing.</summary>
public static class ApiKeyDefaults
{
    /// <summary>The name of the authentication scheme.</summary>
    public const string AuthenticationScheme = "ApiKey";

    /// <summary>The header that carries a key, beside <c>Authorization: Bearer</c>.</summary>
    public const string HeaderName = "X-API-Key";
}
