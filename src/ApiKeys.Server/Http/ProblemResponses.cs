using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ApiKeys.Server.Database;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ApiKeys.Server.Http;

/// <summary>Makes a problem document of everything that ends a request before or beside its endpoint.</summary>
internal sealed partial class ProblemResponses(ILogger<ProblemResponses> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(
        HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var problem = exception switch
        {
            BadHttpRequestException request => Of(request),
            _ when DatabaseFaults.IsUnavailable(exception) => Problems.Unavailable(httpContext.Response),
            _ => Problems.Internal(),
        };
        if (problem.StatusCode >= StatusCodes.Status500InternalServerError)
            LogFailed(logger, problem.StatusCode, exception);

        await Answer.WriteAsync(httpContext, problem);
        return true;
    }

    /// <summary>
    /// For an answer that has a status and no body, as routing gives. As the framework's status code pages, which leave an object with each request.
    /// </summary>
    public static void UseForStatus(IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        var answered = next(context);
        return answered.IsCompletedSuccessfully ? WriteForStatusAsync(context) : AwaitAsync(answered, context);
    });

    private static async Task AwaitAsync(Task answered, HttpContext context)
    {
        await answered;
        await WriteForStatusAsync(context);
    }

    private static Task WriteForStatusAsync(HttpContext context) => context.Response.StatusCode switch
    {
        < 400 => Task.CompletedTask,
        _ when context.Response is { HasStarted: true } or { ContentLength: not null } or { ContentType.Length: > 0 } => Task.CompletedTask,
        StatusCodes.Status404NotFound => Answer.WriteAsync(context, Problems.NoSuchPath()),
        StatusCodes.Status405MethodNotAllowed => Answer.WriteAsync(context, Problems.MethodNotAllowed()),
        StatusCodes.Status413PayloadTooLarge => Answer.WriteAsync(context, Problems.PayloadTooLarge()),
        StatusCodes.Status415UnsupportedMediaType => Answer.WriteAsync(context, Problems.UnsupportedMediaType()),
        _ => Task.CompletedTask,
    };

    /// <summary>What a request that cannot be read is answered with.</summary>
    public static ProblemHttpResult Of(BadHttpRequestException exception) => exception switch
    {
        { StatusCode: StatusCodes.Status413PayloadTooLarge } => Problems.PayloadTooLarge(),
        { StatusCode: StatusCodes.Status415UnsupportedMediaType } => Problems.UnsupportedMediaType(),
        { InnerException: JsonException json } => Of(json),
        _ when Unbound.Match(exception.Message) is { Success: true } unbound =>
            Problems.Invalid(JsonSetup.NameOf(unbound.Groups["parameter"].Value), "is not of the right form."),
        _ when exception.Message.Contains("body", StringComparison.Ordinal) => Problems.MalformedJson(),
        _ => Problems.BadRequest(),
    };

    /// <summary>The reader's own exception stands inside where the text is not JSON; else a member has the wrong shape.</summary>
    private static ProblemHttpResult Of(JsonException exception)
    {
        var member = Member.Match(exception.Path ?? "");
        return exception.InnerException is JsonException || exception.GetBaseException() is DecoderFallbackException || !member.Success
            ? Problems.MalformedJson()
            : Problems.Invalid(member.Groups["name"].Value, "is not known here, stands here twice, or is not of the right type.");
    }

    /// <summary><c>$.name</c>, or <c>$['na me']</c> where the name has more than letters and digits.</summary>
    [GeneratedRegex(@"^\$(\.(?<name>.+)|\['(?<name>.*)'\].*)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking | RegexOptions.Singleline)]
    private static partial Regex Member { get; }

    [LoggerMessage(310, LogLevel.Error, "A request failed with {StatusCode}")]
    private static partial void LogFailed(ILogger logger, int statusCode, Exception exception);

    /// <summary>The framework says in words only which parameter it could not read.</summary>
    [GeneratedRegex("""^Failed to bind parameter "[^" ]+ (?<parameter>\w+)" from""", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Unbound { get; }
}
