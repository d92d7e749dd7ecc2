using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;

namespace ApiKeys.Server.Http;

/// <summary>
/// The body of a change is read before its key is looked at: a client that sends it slowly would be let in by a key that is good, and
/// change something when the key has long been revoked. It is 64 KiB at most, and the server gives up on who is too slow.
/// </summary>
internal static class BodiesFirst
{
    public static void UseBodiesFirst(this IApplicationBuilder app) => app.Use(static (context, next) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is not null && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
            ? ReadAsync(context, next)
            : next(context));

    private static async Task ReadAsync(HttpContext context, RequestDelegate next)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        body.Position = 0;
        context.Request.Body = body;
        await next(context);
    }
}
