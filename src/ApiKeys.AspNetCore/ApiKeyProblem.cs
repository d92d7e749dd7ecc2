using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace ApiKeys.AspNetCore;

/// <summary>The shape of every error: RFC 9457 with a stable <c>code</c> and the request's <c>trace_id</c>.</summary>
public static class ApiKeyProblem
{
    /// <summary>Makes one.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">Stable and machine-readable, in snake_case; it also makes the <c>type</c>.</param>
    /// <param name="title">The same words for every problem of this code.</param>
    /// <param name="detail">What to do next. Never anything that was presented as a secret.</param>
    public static ProblemDetails Create(int status, string code, string title, string detail) => new()
    {
        Type = "urn:problem-type:apikeys:" + code,
        Title = title,
        Status = status,
        Detail = detail,
        Extensions =
        {
            ["code"] = code,
            ["trace_id"] = Activity.Current?.TraceId.ToString(),
        },
    };

    /// <summary>
    /// Writes the body of a refusal of which the scheme has set status and headers, unless another scheme has answered since, or nothing
    /// was refused. <see cref="ScopePolicy.RequireScope{TBuilder}"/> and the authorization middleware do so by themselves; it is for who
    /// challenges or forbids by his own code, or has an <c>IAuthorizationMiddlewareResultHandler</c> of his own.
    /// </summary>
    public static Task WriteAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<ApiKeyRefusal>()?.WriteBodyAsync(context) ?? Task.CompletedTask;
    }
}
