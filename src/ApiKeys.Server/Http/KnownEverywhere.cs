using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.Model;
using Microsoft.Extensions.Primitives;

namespace ApiKeys.Server.Http;

/// <summary>
/// A change is answered when every node knows it. It stands around the transaction, so that it waits for what is committed; what
/// was changed it need not know, for the database tells the nodes. A call that is repeated waits again.
/// </summary>
internal static class KnownEverywhere
{
    public const string HeaderName = "Prefer";
    public const string AppliedHeaderName = "Preference-Applied";

    /// <summary>With <c>Prefer: wait=N</c> (RFC 7240) the answer is 202 where it takes longer than so many seconds.</summary>
    public static RouteHandlerBuilder KnownToEveryNode(this RouteHandlerBuilder builder) =>
        builder.AddEndpointFilter(InvokeAsync).WithMetadata(new Waits()).Produces<PendingChange>(StatusCodes.Status202Accepted);

    /// <summary>Says of an endpoint that it waits.</summary>
    internal sealed class Waits;

    private static async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var result = await next(invocation);
        var status = Answer.StatusOf(result);
        var context = invocation.HttpContext;
        if (status >= StatusCodes.Status400BadRequest && !IsGoneAlready(context.Request.Method, status))
            return result;

        var patience = PatienceOf(context.Request.Headers[HeaderName]);
        if (patience is not null)
            context.Response.Headers[AppliedHeaderName] = string.Create(CultureInfo.InvariantCulture, $"wait={patience.Value.TotalSeconds}");

        var reached = await context.RequestServices.GetRequiredService<RevocationBarrier>().WaitAsync(patience, context.RequestAborted);
        var propagation = new Propagation(reached.Nodes, reached.Confirmed, (long)reached.Elapsed.TotalMilliseconds);
        if (status >= StatusCodes.Status400BadRequest)
            return result;

        if (reached.Remaining is { } remaining)
        {
            var now = context.RequestServices.GetRequiredService<TimeProvider>().Now();
            return new PendingAnswer(
                Answer.Unwrap(result), new PendingChange { Propagation = propagation, EffectiveBy = now + remaining + TimeSpan.FromMilliseconds(1) });
        }

        if (Answer.Unwrap(result) is IValueHttpResult { Value: ITellsPropagation answer })
            answer.Propagation = propagation;

        return result;
    }

    /// <summary>Deleted by the same call perhaps, whose answer did not arrive: that it is gone is said when it is true everywhere.</summary>
    private static bool IsGoneAlready(string method, int status) => HttpMethods.IsDelete(method) && status == StatusCodes.Status404NotFound;

    /// <returns>Null where the header is left out, or says nothing of the kind: what is not understood is not heeded (RFC 7240 §2).</returns>
    internal static TimeSpan? PatienceOf(StringValues header)
    {
        foreach (var preference in header.SelectMany(line => (line ?? "").Split(',', ';')))
        {
            var parts = preference.Split('=', 2, StringSplitOptions.TrimEntries);
            if (parts is [var name, var value]
                && name.Equals("wait", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(value.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                return TimeSpan.FromSeconds(seconds);
            }
        }

        return null;
    }

    /// <summary>202, with all that the answer would have said, and that it is not in force everywhere yet.</summary>
    private sealed class PendingAnswer(object? answer, PendingChange pending) : IResult, IStatusCodeHttpResult
    {
        public int? StatusCode => StatusCodes.Status202Accepted;

        public Task ExecuteAsync(HttpContext httpContext)
        {
            var body = answer switch
            {
                IValueHttpResult { Value: { } value } => JsonSerializer.SerializeToNode(value, value.GetType(), JsonSetup.Options)!.AsObject(),
                RecordedAnswer recorded => JsonNode.Parse(recorded.Body)!.AsObject(),
                _ => [],
            };
            foreach (var (name, value) in JsonSerializer.SerializeToNode(pending, JsonSetup.Options)!.AsObject().ToList())
                body[name] = value?.DeepClone();

            httpContext.Response.StatusCode = StatusCodes.Status202Accepted;
            if (answer is RecordedAnswer replayed)
                replayed.WriteHeaders(httpContext.Response);

            return httpContext.Response.WriteAsJsonAsync(body, JsonSetup.Options, httpContext.RequestAborted);
        }
    }
}
