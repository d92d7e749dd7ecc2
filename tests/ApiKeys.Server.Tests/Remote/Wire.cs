using System.Collections.Concurrent;
using ApiKeys.AspNetCore.Remote;

namespace ApiKeys.Server.Tests.Remote;

/// <summary>Between an API and the service: what was asked, and what goes wrong.</summary>
internal sealed class Wire(HttpMessageHandler service) : DelegatingHandler(service)
{
    private readonly ConcurrentQueue<string> _asked = new();

    /// <summary>No call arrives, not even on a stream that is open.</summary>
    public bool IsCut { get; set; }

    /// <summary>There is no stream of changes, as behind a proxy that holds answers back.</summary>
    public bool HasNoStream { get; init; }

    /// <summary>What each verification waits for, before it is sent.</summary>
    public Func<Task>? BeforeAsking { get; set; }

    /// <summary>What each verification waits for, when it was answered.</summary>
    public Func<Task>? AfterAsking { get; set; }

    /// <summary>How often a key was asked about.</summary>
    public int Verifications => _asked.Count(path => path.EndsWith(VerifyCall.Path, StringComparison.Ordinal));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        _asked.Enqueue(path);
        if (IsCut || (HasNoStream && path.EndsWith(LeaseCalls.Events, StringComparison.Ordinal)))
            throw new HttpRequestException("Connection refused");

        var isVerification = path.EndsWith(VerifyCall.Path, StringComparison.Ordinal);
        if (isVerification && BeforeAsking is { } before)
            await before().WaitAsync(cancellationToken);

        var response = await base.SendAsync(request, cancellationToken);
        if (isVerification && AfterAsking is { } after)
            await after().WaitAsync(cancellationToken);

        return response;
    }
}
