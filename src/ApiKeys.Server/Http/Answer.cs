using ApiKeys.AspNetCore;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ApiKeys.Server.Http;

/// <summary>What a handler answered, before it is written.</summary>
internal static class Answer
{
    /// <summary>The result itself, out of a <c>Results&lt;…&gt;</c>.</summary>
    public static object? Unwrap(object? result) => result is INestedHttpResult nested ? Unwrap(nested.Result) : result;

    public static int StatusOf(object? result) =>
        (Unwrap(result) as IStatusCodeHttpResult)?.StatusCode ?? StatusCodes.Status200OK;

    /// <summary>Leaves a problem's code where the log and the audit trail find it.</summary>
    public static async ValueTask<object?> NoteProblemAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var result = await next(invocation);
        if (Unwrap(result) is ProblemHttpResult problem)
            Note(invocation.HttpContext, problem);

        if (invocation.HttpContext.Features.Get<Taken>() is not { } taken)
            return result;

        taken.Result = Unwrap(result);
        invocation.HttpContext.Response.StatusCode = StatusOf(result);
        return Results.Empty;
    }

    /// <summary>A feature of a request whose caller is in this process and takes the answer itself, not what would be written of it.</summary>
    internal sealed class Taken
    {
        public object? Result { get; set; }
    }

    /// <summary>Of who answers without the filter.</summary>
    public static Task WriteAsync(HttpContext context, ProblemHttpResult problem)
    {
        Note(context, problem);
        return problem.ExecuteAsync(context);
    }

    public static void Note(HttpContext context, ProblemHttpResult problem)
    {
        if (problem.ProblemDetails.Extensions["code"] is string code)
            context.Features.Set(new ApiKeyRefusalFeature(code));
    }
}
