using System.Text;

namespace ApiKeys.Server.Http;

/// <summary>
/// Where an endpoint says so, a client may come with HTTP Basic (RFC 6749 §2.3.1): its key's id as the name, the value as the password.
/// It is read as the same value in a Bearer header.
/// </summary>
internal static class BasicCredentials
{
    private const string Scheme = "Basic ";
    private const int MaxBytes = 512;

    /// <summary>What no key is.</summary>
    private const string NoKey = "-";

    public static void UseBasicCredentials(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<Accepted>() is not null
            && context.Request.Headers.Authorization is [{ } header] && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            context.Request.Headers.Authorization = $"Bearer {ValueOf(header[Scheme.Length..])}";
        }

        return next(context);
    });

    /// <returns><see cref="NoKey"/> where it is not of this form, or the name is another key's.</returns>
    private static string ValueOf(string credentials)
    {
        Span<byte> bytes = stackalloc byte[MaxBytes];
        if (!Convert.TryFromBase64String(credentials.Trim(), bytes, out var length))
            return NoKey;

        return Encoding.Latin1.GetString(bytes[..length]).Split(':', 2) is [var name, var password]
            && Uri.UnescapeDataString(name) is var keyId && KeyIds.IsKeyId(keyId)
            && Uri.UnescapeDataString(password) is var value && value.Contains($"_{keyId}_", StringComparison.Ordinal)
                ? value
                : NoKey;
    }

    /// <summary>Says of an endpoint that it does.</summary>
    internal sealed class Accepted;
}
