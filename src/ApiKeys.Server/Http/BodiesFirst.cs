using System.IO.Pipelines;
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

    /// <summary>It stays where it is, for whoever reads it next.</summary>
    private static Task ReadAsync(HttpContext context, RequestDelegate next)
    {
        var body = context.Request.BodyReader;
        if (!body.TryRead(out var read))
            return AwaitAsync(context, body, next);

        body.AdvanceTo(read.Buffer.Start);
        return read.IsCompleted ? next(context) : AwaitAsync(context, body, next);
    }

    private static async Task AwaitAsync(HttpContext context, PipeReader body, RequestDelegate next)
    {
        var read = await body.ReadAsync(context.RequestAborted);
        while (!read.IsCompleted)
        {
            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await body.ReadAsync(context.RequestAborted);
        }

        body.AdvanceTo(read.Buffer.Start);
        await next(context);
    }
}
