using System.Globalization;
using System.Net.ServerSentEvents;
using ApiKeys.AspNetCore.Leases;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ApiKeys.AspNetCore.Remote;

/// <summary>
/// Holds a stream open to the service, by which this process hears of changes, and a lease for as long as the stream lives: what is remembered
/// may be used then, and a change at the service waits until it is forgotten here. Without the stream there is no lease.
/// </summary>
internal sealed partial class ServiceLink(
    IApiKeyVerifier verifier, MonotonicClock clock, ILogger<ServiceLink> logger, ILogger<Node> nodeLogger) : BackgroundService
{
    private const int LongestLeaseSeconds = 60;
    private static readonly TimeSpan Silence = LeaseCalls.BeatInterval * 3;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeavePatience = TimeSpan.FromSeconds(2);

    private bool _isTold;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (verifier is not RemoteApiKeyVerifier remote)
            return; // the application has its own, or is the service

        try
        {
            await Task.WhenAll(HoldAsync(remote, stoppingToken), new UseReports(remote, clock).RunAsync(stoppingToken));
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops, and perhaps the service at the same moment.
        }
    }

    private async Task HoldAsync(RemoteApiKeyVerifier remote, CancellationToken cancellationToken)
    {
        while (true)
        {
            var pause = Pause;
            try
            {
                await HoldOnceAsync(remote, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (exception is LeaseRefusedException)
                    pause = PauseAfterRefusal;

                if (!_isTold)
                    LogLost(logger, exception.Message);

                _isTold = true;
            }

#pragma warning disable RS0030 // for a pause, which is no secret
            await Task.Delay(pause * (1 + Random.Shared.NextDouble()), cancellationToken); // not all APIs at once, when it comes back
#pragma warning restore RS0030
        }
    }

    private async Task HoldOnceAsync(RemoteApiKeyVerifier remote, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(Silence, clock);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            await HoldOnceAsync(remote, silence, ending, cancellationToken);
        }
        catch (OperationCanceledException exception) when (silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException("Nothing was heard of the service for some time.", exception);
        }
    }

    /// <param name="remote">Who asks.</param>
    /// <param name="silence">Rings where nothing was heard for too long.</param>
    /// <param name="ending">Ends the call and each read of the stream, so that none is left behind.</param>
    /// <param name="cancellationToken">The host stops.</param>
    private async Task HoldOnceAsync(
        RemoteApiKeyVerifier remote, CancellationTokenSource silence, CancellationTokenSource ending, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{LeaseCalls.Path.TrimStart('/')}/{LeaseCalls.Events}");
        using var response = await remote.Service.SendAsync(request, ending.Token);
        response.EnsureSuccessStatusCode();
        await using var stream = await response.Content.ReadAsStreamAsync(ending.Token);
        await using var events = SseParser.Create(stream).EnumerateAsync(ending.Token).GetAsyncEnumerator(ending.Token);
        await NextAsync(events, silence);
        if (events.Current.EventType != LeaseCalls.HelloEvent
            || !int.TryParse(events.Current.Data, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds is < 1 or > LongestLeaseSeconds)
            throw new HttpRequestException("What answers at the address of the service is not the service, or one of another version.");

        await BeNodeAsync(remote, new LeaseOptions { LeaseSeconds = seconds }, events, silence, ending);
    }

    private async Task BeNodeAsync(
        RemoteApiKeyVerifier remote, LeaseOptions options, IAsyncEnumerator<SseItem<string>> events, CancellationTokenSource silence,
        CancellationTokenSource ending)
    {
        var lease = new Lease(clock, options);
#pragma warning disable RS0030 // for pauses, which are no secret
        using var node = new Node(new HttpNodeStore(remote.Service, options, clock), remote.Answers, lease, options, clock, Random.Shared, nodeLogger);
#pragma warning restore RS0030
        remote.Answers.Join(node, lease);
        var (running, listening) = (node.RunAsync(ending.Token), ListenAsync(node, events, silence));
        try
        {
            await await Task.WhenAny(running, listening);
        }
        finally
        {
            remote.Answers.Leave();
            await ending.CancelAsync();
            await Task.WhenAll(running, listening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await LeaveAsync(node);
        }
    }

    private async Task ListenAsync(Node node, IAsyncEnumerator<SseItem<string>> events, CancellationTokenSource silence)
    {
        _isTold = false;
        LogLinked(logger);
        while (true)
        {
            await NextAsync(events, silence);
            if (events.Current.EventType != LeaseCalls.EntryEvent)
                continue;

            if (InvalidationPayload.TryParse(events.Current.Data) is { } entry)
                node.Tell(entry);
            else
                node.Wake();
        }
    }

    /// <summary>The service says something every few seconds.</summary>
    private static async Task NextAsync(IAsyncEnumerator<SseItem<string>> events, CancellationTokenSource silence)
    {
        if (!await events.MoveNextAsync())
            throw new HttpRequestException("The service has ended the stream of changes.");

        silence.CancelAfter(Silence);
    }

    /// <summary>The lease ends at once; if the service cannot be told, a change waits until it would have ended by itself.</summary>
    private async Task LeaveAsync(Node node)
    {
        using var patience = new CancellationTokenSource(LeavePatience, clock);
        try
        {
            await node.LeaveAsync(patience.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutException or OperationCanceledException or LeaseRefusedException)
        {
            LogNotLeft(logger, exception.GetBaseException().Message);
        }
    }

    [LoggerMessage(610, LogLevel.Information, "Linked to the ApiKeys service: what it accepts is remembered, and its changes are heard of")]
    private static partial void LogLinked(ILogger logger);

    [LoggerMessage(611, LogLevel.Warning, "There is no stream of changes from the ApiKeys service: it is asked for each request, unless KeepSeconds says otherwise. {Reason}")]
    private static partial void LogLost(ILogger logger, string reason);

    [LoggerMessage(612, LogLevel.Information, "The ApiKeys service cannot be told that the lease is given up; it ends by itself. {Reason}")]
    private static partial void LogNotLeft(ILogger logger, string reason);
}
