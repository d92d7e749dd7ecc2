using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Lookup;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace ApiKeys.Server.Verification.Nodes;

/// <summary>Says when the log has grown, for as long as the caller's key is good and the host runs.</summary>
internal static class NodeEvents
{
    public static ServerSentEventsResult<string> Stream(
        HttpContext context, IApiKeyVerifier verifier, IOptions<ApiKeyOptions> keys, InvalidationFeed feed, LookupOptions options, MonotonicClock clock,
        IHostApplicationLifetime host)
    {
        Credentials.Read(context.Request.Headers, keys.Value.HeaderName, out var key);
        var caller = new ApiKeyQuestion(key, context.Connection.RemoteIpAddress) { Scopes = [BuiltIn.KeysVerify], Cost = 0 };
        var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, host.ApplicationStopping);
        context.Response.RegisterForDispose(ending);
        return TypedResults.ServerSentEvents(TellAsync(caller, verifier, feed, options, clock, ending.Token));
    }

    private static async IAsyncEnumerable<SseItem<string>> TellAsync(
        ApiKeyQuestion caller, IApiKeyVerifier verifier, InvalidationFeed feed, LookupOptions options, MonotonicClock clock,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var subscription = feed.Subscribe(); // before the first word: who has heard it misses nothing
        yield return new SseItem<string>(options.LeaseSeconds.ToString(CultureInfo.InvariantCulture), LeaseCalls.HelloEvent);
        var payload = subscription.Payloads.ReadAsync(cancellationToken).AsTask(); // one at a time: one that nobody waits for any more would take a payload with it
        while (await NextAsync(payload, clock, cancellationToken) is { } next
            && (await verifier.VerifyAsync(caller, cancellationToken)).Outcome is ApiKeyOutcome.Accepted or ApiKeyOutcome.Unavailable)
        {
            if (payload.IsCompleted && next.EventType == LeaseCalls.EntryEvent)
                payload = subscription.Payloads.ReadAsync(cancellationToken).AsTask();

            yield return next;
        }
    }

    /// <returns>Null at the end.</returns>
    private static async Task<SseItem<string>?> NextAsync(Task<string> payload, MonotonicClock clock, CancellationToken cancellationToken)
    {
        try
        {
            return new SseItem<string>(await payload.WaitAsync(LeaseCalls.BeatInterval, clock, cancellationToken), LeaseCalls.EntryEvent);
        }
        catch (TimeoutException)
        {
            return new SseItem<string>("", LeaseCalls.BeatEvent);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
