using System.Diagnostics;
using System.Security.Claims;
using ApiKeys.AspNetCore;

namespace ApiKeys.Server.Http;

/// <summary>One line a request: what was asked, by which key, how it ended. Never a header, a query string or a body.</summary>
internal sealed partial class RequestLog(RequestDelegate next, ILogger<RequestLog> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            Log(context, Stopwatch.GetElapsedTime(started));
        }
    }

    private void Log(HttpContext context, TimeSpan elapsed)
    {
        var isRoutine = context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
            || context.Request.Path.StartsWithSegments(LeaseCalls.Path, StringComparison.Ordinal);
        var level = isRoutine && context.Response.StatusCode < StatusCodes.Status400BadRequest ? LogLevel.Debug : LogLevel.Information;
        if (!logger.IsEnabled(level))
            return;

        var keyId = context.User.FindFirstValue(ApiKeyClaimTypes.KeyId)
            ?? context.Features.Get<ApiKeyDecision>()?.RefusedIdentity?.KeyId ?? "-";
        var traceId = Activity.Current?.TraceId.ToString();
        LogRequest(
            logger, level, context.Request.Method, context.Request.Path, context.Response.StatusCode,
            elapsed.TotalMilliseconds, keyId, traceId);
    }

    [LoggerMessage(EventId = 300, Message = "{Method} {Path} answered {StatusCode} in {ElapsedMilliseconds:0.0} ms, key {KeyId}, trace {TraceId}")]
    private static partial void LogRequest(
        ILogger logger, LogLevel level, string method, PathString path, int statusCode, double elapsedMilliseconds, string keyId,
        string? traceId);
}
