using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ApiKeys.AspNetCore;

/// <summary>Finds the key among a request's headers: never in the query string, and never one of two (RFC 6750 §3.1).</summary>
internal static class Credentials
{
    private const string Bearer = "Bearer";

    public static CredentialsFound Read(IHeaderDictionary headers, string headerName, out PresentedApiKey key)
    {
        key = default;
        var custom = headers[headerName];
        var authorization = headers.Authorization;
        var bearer = authorization.Count > 0 && IsBearer(authorization[0]);

        if (custom.Count > 1 || authorization.Count > 1 || (custom.Count == 1 && bearer))
            return CredentialsFound.Several;

        var text = bearer ? authorization[0].AsMemory(Bearer.Length).Trim() : Only(custom).Trim();
        if (text.IsEmpty)
            return CredentialsFound.None;

        key = new PresentedApiKey(text);
        return CredentialsFound.One;
    }

    private static ReadOnlyMemory<char> Only(StringValues values) => values.Count == 1 ? values[0].AsMemory() : default;

    /// <summary>The scheme's name is case-insensitive (RFC 9110 §11.1). Another scheme, such as Basic, is not ours to read.</summary>
    private static bool IsBearer(string? value) =>
        value is not null
        && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
        && (value.Length == Bearer.Length || value[Bearer.Length] == ' ');
}

internal enum CredentialsFound
{
    None,
    One,
    Several,
}
