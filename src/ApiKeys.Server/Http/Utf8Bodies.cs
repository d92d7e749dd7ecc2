using Microsoft.Net.Http.Headers;

namespace ApiKeys.Server.Http;

/// <summary>JSON is UTF-8 (RFC 8259 §8.1): a body that says it is anything else is refused before anybody reads it.</summary>
internal static class Utf8Bodies
{
    public static void UseUtf8Bodies(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        if (context.Request.ContentType is null || IsUtf8(context.Request.ContentType))
            return next(context);

        return Problems.UnsupportedMediaType().ExecuteAsync(context);
    });

    private static bool IsUtf8(string contentType) =>
        !MediaTypeHeaderValue.TryParse(contentType, out var parsed)
        || parsed.Charset.Length == 0
        || HeaderUtilities.RemoveQuotes(parsed.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase);
}
