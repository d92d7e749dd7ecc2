using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Console.Sessions;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace ApiKeys.Server.Console;

/// <summary>
/// The management API as the console calls it: the very endpoints, without leaving the process. Scopes, validation, transactions, the
/// audit trail and the wait for all nodes are theirs, so no rule stands twice.
/// </summary>
internal sealed class AdminApi(IServiceProvider services, EndpointDataSource endpoints, LinkGenerator links, IServiceScopeFactory scopes)
{
    private readonly ConcurrentDictionary<string, Endpoint> _endpoints = new();
    private readonly RequestDelegate _run = Pipeline(services);

    /// <summary>Calls an endpoint as the user of a page.</summary>
    /// <typeparam name="T">What it answers with where it succeeds.</typeparam>
    /// <param name="page">The request of the page.</param>
    /// <param name="call">What to ask.</param>
    public async Task<ApiAnswer<T>> CallAsync<T>(HttpContext page, ApiCall call)
    {
        await using var scope = scopes.CreateAsyncScope();
        var (response, taken) = (new Response(), new Answer.Taken());
        var context = ContextOf(page, call, response, taken);
        context.RequestServices = scope.ServiceProvider;
        try
        {
            await _run(context);
        }
        catch (BadHttpRequestException exception)
        {
            var problem = ProblemResponses.Of(exception);
            (taken.Result, response.StatusCode) = (problem, problem.StatusCode);
            Answer.Note(context, problem);
        }
        catch (Exception exception) when (DatabaseFaults.IsUnavailable(exception) && !page.RequestAborted.IsCancellationRequested)
        {
            return ApiAnswer<T>.Of(Problems.Unavailable(page.Response));
        }

        await response.StartAsync();
        return taken.Result switch
        {
            ProblemHttpResult problem => ApiAnswer<T>.Of(problem),
            RecordedAnswer => new ApiAnswer<T> { IsRepeated = true },
            IValueHttpResult { Value: T value } => new ApiAnswer<T> { Value = value, ETag = response.Headers.ETag },
            null => new ApiAnswer<T> { Problem = ProblemIn(response.Written) },
            _ => new ApiAnswer<T>(),
        };
    }

    private DefaultHttpContext ContextOf(HttpContext page, ApiCall call, Response response, Answer.Taken taken)
    {
        var endpoint = _endpoints.GetOrAdd(call.Operation, name => endpoints.Endpoints.First(e => e.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName == name));
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature());
        features.Set<IHttpResponseFeature>(response);
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(response.Written));
        features.Set<IHttpRequestBodyDetectionFeature>(new BodyDetection(call.Body is not null));
        features.Set(taken);
        features.Set(page.Features.GetRequiredFeature<Session>());
        var context = new DefaultHttpContext(features)
        {
            RequestAborted = page.RequestAborted,
            TraceIdentifier = page.TraceIdentifier,
        };
        context.Connection.RemoteIpAddress = page.Connection.RemoteIpAddress;
        context.SetEndpoint(endpoint);

        var request = context.Request;
        request.Method = endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods[0];
        request.Path = links.GetPathByName(call.Operation, call.Route);
        request.RouteValues = call.Route ?? [];
        request.QueryString = QueryString.Create(call.Query.Where(pair => !string.IsNullOrEmpty(pair.Value)));
        if (call.Body is not null)
        {
            request.ContentType = "application/json";
            request.Body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(call.Body, JsonSetup.Options));
        }

        if (call.IdempotencyKey is not null)
            request.Headers[Idempotency.HeaderName] = call.IdempotencyKey;

        if (call.IfMatch is not null)
            request.Headers.IfMatch = call.IfMatch;

        return context;
    }

    /// <summary>What stands around an endpoint, of that which a call inside the process can need.</summary>
    private static RequestDelegate Pipeline(IServiceProvider services)
    {
        var pipeline = new ApplicationBuilder(services);
        pipeline.UseMiddleware<RefusalTrail>();
        pipeline.Use(AuthenticateAsync);
        pipeline.Run(context => context.GetEndpoint()!.RequestDelegate!(context));
        return pipeline.Build();
    }

    /// <summary>Each call by itself, as if it came with the key: a page that takes its time does nothing for one that was revoked meanwhile.</summary>
    private static async Task AuthenticateAsync(HttpContext context, RequestDelegate next)
    {
        var decision = await context.Features.GetRequiredFeature<Session>().JudgeAsync();
        if (decision.Identity is { } identity)
        {
            context.User = identity.Principal;
            context.Features.Set<IAuthenticateResultFeature>(new Accepted(
                AuthenticateResult.Success(new AuthenticationTicket(identity.Principal, ApiKeyDefaults.AuthenticationScheme))));
            await next(context);
        }
        else
        {
            context.Features.Set(decision);
            var refusal = ApiKeyRefusal.Of(decision);
            refusal.SetOn(context, context.RequestServices.GetRequiredService<IOptions<ApiKeyOptions>>().Value);
            await refusal.WriteBodyAsync(context);
        }
    }

    /// <summary>Written by what stands in front of the endpoint: the key is not good any more, or a scope is missing.</summary>
    private static ProblemDetails ProblemIn(MemoryStream body) =>
        JsonSerializer.Deserialize<ProblemDetails>(body.ToArray(), JsonSerializerOptions.Web) ?? new ProblemDetails();

    /// <summary>Keeps what is written, and calls whoever wanted to be asked before.</summary>
    private sealed class Response : HttpResponseFeature
    {
        private readonly Stack<(Func<object, Task> Callback, object State)> _callbacks = new();

        public MemoryStream Written { get; } = new();

        public override void OnStarting(Func<object, Task> callback, object state) => _callbacks.Push((callback, state));

        public async Task StartAsync()
        {
            while (_callbacks.TryPop(out var next))
                await next.Callback(next.State);
        }
    }

    private sealed class Accepted(AuthenticateResult result) : IAuthenticateResultFeature
    {
        public AuthenticateResult? AuthenticateResult { get; set; } = result;
    }

    private sealed class BodyDetection(bool canHaveBody) : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => canHaveBody;
    }
}

/// <summary>One call of an endpoint of the management API.</summary>
/// <param name="Operation">Its name in the OpenAPI document, such as <c>CreateKey</c>.</param>
internal sealed record ApiCall(string Operation)
{
    public RouteValueDictionary? Route { get; init; }

    /// <summary>What is empty is left out.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Query { get; init; } = [];

    /// <summary>Becomes JSON.</summary>
    public object? Body { get; init; }

    public string? IdempotencyKey { get; init; }

    public string? IfMatch { get; init; }
}

/// <summary>What an endpoint answered: a value, or a problem; neither where it has no content, or was repeated.</summary>
internal sealed record ApiAnswer<T>
{
    public T? Value { get; init; }

    public ProblemDetails? Problem { get; init; }

    /// <summary>It was done by an earlier call with the same <c>Idempotency-Key</c>; what that was answered with is not given again.</summary>
    public bool IsRepeated { get; init; }

    public string? ETag { get; init; }

    [MemberNotNullWhen(true, nameof(Problem))]
    public bool IsRefused => Problem is not null;

    /// <summary>
    /// Nothing was done, and what is sent next may be another request. Of a database that went away in the middle nobody can say so: what is
    /// sent again must be known as the same.
    /// </summary>
    public bool IsRefusedForGood => Problem?.Status < StatusCodes.Status500InternalServerError;

    public static ApiAnswer<T> Of(ProblemHttpResult problem) => new() { Problem = problem.ProblemDetails };
}
