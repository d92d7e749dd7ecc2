using Microsoft.Net.Http.Headers;

namespace ApiKeys.Server.Http;

/// <summary>JSON is UTF-8 (RFC 8259 §8.1): a body that says it is anything else is refused before anybody reads it.</summary>
internal static class Utf8Bodies
{
    public static void UseUtf8Bodies(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        if (context.Request.ContentType?.Contains("charset", StringComparison.OrdinalIgnoreCase) != true
            || context.GetEndpoint()?.Metadata.GetMetadata<ReadsNoBody>() is not null
            || !MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || type.Charset.Length == 0)
            return next(context);

        if (!HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            return Answer.WriteAsync(context, Problems.UnsupportedMediaType());

        type.Charset = "utf-8"; // quotes are allowed there, but the framework's reader does not know them
        context.Request.ContentType = type.ToString();
        return next(context);
    });

    /// <summary>Says of an endpoint that what is told of a body is not about one that it gets.</summary>
    internal sealed class ReadsNoBody;
}
