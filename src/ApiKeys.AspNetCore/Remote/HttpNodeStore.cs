using System.Globalization;
using System.Net;
using ApiKeys.AspNetCore.Leases;

namespace ApiKeys.AspNetCore.Remote;

/// <summary>The row of this process's lease, by way of the service: <see cref="LeaseCalls"/>.</summary>
internal sealed class HttpNodeStore(ServiceClient service, LeaseOptions options, MonotonicClock clock) : INodeStore
{
    private const string Path = "api/v1/nodes";

    public async Task<DateTimeOffset> RegisterAsync(Guid lease, TimeSpan length, CancellationToken cancellationToken) =>
        (await CallAsync(
            async within =>
            {
                var answer = await service.SendAsync(
                    HttpMethod.Put, $"{Path}/{lease}", new LeaseRegistration((int)length.TotalMilliseconds), LeaseJson.Default.LeaseRegistration, within);
                return await ServiceClient.ReadAsync(answer, LeaseJson.Default.RegisteredLease, within);
            },
            cancellationToken)).DatabaseTime;

    public Task<Renewal?> RenewAsync(Guid lease, long beat, long acked, DateTimeOffset? ackedAt, CancellationToken cancellationToken) => CallAsync<Renewal?>(
        async within =>
        {
            var answer = await service.SendAsync(
                HttpMethod.Post, $"{Path}/{lease}/{LeaseCalls.Renewals}", new LeaseRenewal(beat, acked, ackedAt), LeaseJson.Default.LeaseRenewal, within);
            if (answer.StatusCode != HttpStatusCode.NotFound)
                return await ServiceClient.ReadAsync(answer, LeaseJson.Default.Renewal, within);

            answer.Dispose();
            return null;
        },
        cancellationToken);

    public Task<bool> AcknowledgeAsync(Guid lease, long beat, Invalidation applied, CancellationToken cancellationToken) => CallAsync(
        async within =>
        {
            using var answer = await service.SendAsync(
                HttpMethod.Post, $"{Path}/{lease}/{LeaseCalls.Acknowledgements}", new AppliedEntry(beat, applied.Seq, applied.At), LeaseJson.Default.AppliedEntry, within);
            return answer.StatusCode != HttpStatusCode.Conflict && answer.EnsureSuccessStatusCode().IsSuccessStatusCode;
        },
        cancellationToken);

    public Task<InvalidationLog> ReadLogAsync(long from, int limit, CancellationToken cancellationToken) => CallAsync(
        async within =>
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"{Path}/{LeaseCalls.Log}?from={from}&limit={limit}"));
            return await ServiceClient.ReadAsync(await service.SendAsync(request, within), LeaseJson.Default.InvalidationLog, within);
        },
        cancellationToken);

    public Task LeaveAsync(Guid lease, CancellationToken cancellationToken) => CallAsync(
        async within =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, $"{Path}/{lease}");
            using var answer = await service.SendAsync(request, within);
            return answer.EnsureSuccessStatusCode().IsSuccessStatusCode;
        },
        cancellationToken);

    public bool IsUnavailable(Exception exception) => exception is HttpRequestException or TimeoutException;

    /// <summary>A lease that cannot be renewed in time is none.</summary>
    private async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.Lease / 5, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await call(either.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The service does not answer.", exception);
        }
    }
}
