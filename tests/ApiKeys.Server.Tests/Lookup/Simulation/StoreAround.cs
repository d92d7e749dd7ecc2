using ApiKeys.Server.Lookup;

namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>A store as it is, for those that do one thing otherwise.</summary>
internal abstract class StoreAround(IClusterStore inner) : IClusterStore
{
    protected IClusterStore Inner => inner;

    public virtual Task<DateTimeOffset> RegisterAsync(Guid lease, TimeSpan length, CancellationToken cancellationToken) =>
        inner.RegisterAsync(lease, length, cancellationToken);

    public virtual Task<Renewal?> RenewAsync(Guid lease, long beat, long acked, DateTimeOffset? ackedAt, CancellationToken cancellationToken) =>
        inner.RenewAsync(lease, beat, acked, ackedAt, cancellationToken);

    public virtual Task<bool> AcknowledgeAsync(Guid lease, long beat, Invalidation applied, CancellationToken cancellationToken) =>
        inner.AcknowledgeAsync(lease, beat, applied, cancellationToken);

    public virtual Task<InvalidationLog> ReadLogAsync(long from, int limit, CancellationToken cancellationToken) =>
        inner.ReadLogAsync(from, limit, cancellationToken);

    public virtual Task<NodesSeen> LookAsync(CancellationToken cancellationToken) => inner.LookAsync(cancellationToken);

    public virtual Task FenceAsync(Guid lease, long beat, CancellationToken cancellationToken) =>
        inner.FenceAsync(lease, beat, cancellationToken);

    public Task LeaveAsync(Guid lease, CancellationToken cancellationToken) => inner.LeaveAsync(lease, cancellationToken);

    public Task TrimAsync(CancellationToken cancellationToken) => inner.TrimAsync(cancellationToken);

    public bool IsUnavailable(Exception exception) => inner.IsUnavailable(exception);
}
