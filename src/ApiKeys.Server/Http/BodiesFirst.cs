using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;

namespace ApiKeys.Server.Http;

/// <summary>
/// The body of a change is read before its key is looked at: a client that sends it slowly would be let in by a key that is good, and
/// change something when the key has long been revoked. The server gives up on who is too slow.
/// </summary>
/// <remarks>
/// The limit is kept here. Where the server keeps it, it hangs up on a client that still sends, which then sees a broken connection and not
/// the answer; of what is too large here, the server reads on for some seconds, and the client hears why.
/// </remarks>
internal static class BodiesFirst
{
    public const int MaxBytes = 64 * 1024;

    public static void UseBodiesFirst(this IApplicationBuilder app) => app.Use(static (context, next) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is not null && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
            ? ReadAsync(context, next)
            : next(context));

    /// <summary>It stays where it is, for whoever reads it next.</summary>
    private static Task ReadAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;

        if (context.Request.ContentLength > MaxBytes)
            return RefuseAsync(context);

        var body = context.Request.BodyReader;
        if (!body.TryRead(out var read))
            return AwaitAsync(context, body, next);

        body.AdvanceTo(read.Buffer.Start);
        return read.IsCompleted && read.Buffer.Length <= MaxBytes ? next(context) : AwaitAsync(context, body, next);
    }

    private static async Task AwaitAsync(HttpContext context, PipeReader body, RequestDelegate next)
    {
        var read = await body.ReadAsync(context.RequestAborted);
        while (!read.IsCompleted && read.Buffer.Length <= MaxBytes)
        {
            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await body.ReadAsync(context.RequestAborted);
        }

        var isTooLarge = read.Buffer.Length > MaxBytes;
        body.AdvanceTo(isTooLarge ? read.Buffer.End : read.Buffer.Start);
        await (isTooLarge ? RefuseAsync(context) : next(context));
    }

    private static Task RefuseAsync(HttpContext context) => Answer.WriteAsync(context, Problems.PayloadTooLarge());
}
