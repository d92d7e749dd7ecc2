using ApiKeys.Server.Database;
using Microsoft.AspNetCore.Diagnostics;

namespace ApiKeys.Server.Console;

/// <summary>A page for a person instead of a problem for a program, where a page of the console failed.</summary>
internal sealed partial class ConsoleErrors(ILogger<ConsoleErrors> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!httpContext.Request.Path.StartsWithSegments(ConsoleSetup.Path, StringComparison.OrdinalIgnoreCase) || httpContext.RequestAborted.IsCancellationRequested)
            return false;

        var status = exception is BadHttpRequestException bad ? bad.StatusCode
            : exception is InvalidDataException ? StatusCodes.Status400BadRequest // a form with too many fields
            : DatabaseFaults.IsUnavailable(exception) ? StatusCodes.Status503ServiceUnavailable
            : StatusCodes.Status500InternalServerError;
        if (status >= StatusCodes.Status500InternalServerError)
            LogFailed(logger, status, exception);

        httpContext.SetEndpoint(null);
        ConsoleSetup.SetHeaders(httpContext.Response);
        await using var scope = httpContext.RequestServices.CreateAsyncScope(); // the page's own services have begun another page
        httpContext.RequestServices = scope.ServiceProvider;
        await ConsoleSetup.ShowAsync(httpContext, status);
        return true;
    }

    [LoggerMessage(320, LogLevel.Error, "A page failed with {StatusCode}")]
    private static partial void LogFailed(ILogger logger, int statusCode, Exception exception);
}
