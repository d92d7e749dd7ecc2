using ApiKeys.Server.Database;
using ApiKeys.Server.Lookup;

namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>The database as one process reaches it.</summary>
internal sealed class SimulatedStore(World world, Wire wire) : IClusterStore, IKeySource
{
    private readonly SimulatedDatabase _database = world.Database;

    public Task<DateTimeOffset> RegisterAsync(Guid lease, TimeSpan length, CancellationToken cancellationToken) =>
        wire.CallAsync(
            "registration",
            () =>
            {
                world.Counts[Happened.Registration]++;
                return _database.Register(lease, length);
            },
            cancellationToken);

    public Task<Renewal?> RenewAsync(Guid lease, long beat, long acked, DateTimeOffset? ackedAt, CancellationToken cancellationToken) => wire.CallAsync(
        "renewal",
        () =>
        {
            var renewal = _database.Renew(lease, beat, acked, ackedAt);
            if (renewal is null)
                world.Counts[Happened.LeaseLost]++;

            return renewal;
        },
        cancellationToken);

    public Task<bool> AcknowledgeAsync(Guid lease, long beat, Invalidation applied, CancellationToken cancellationToken) => wire.CallAsync(
        "acknowledgement",
        () =>
        {
            var isTaken = _database.Acknowledge(lease, beat, applied);
            world.Counts[isTaken ? Happened.Acknowledgement : Happened.AcknowledgementRefused]++;
            return isTaken;
        },
        cancellationToken);

    public Task<InvalidationLog> ReadLogAsync(long from, int limit, CancellationToken cancellationToken) => wire.CallAsync(
        "log",
        () =>
        {
            var log = _database.ReadLog(from, limit);
            if (from > 0 && (log.Entries.Count == 0 || log.Entries[0].Seq > from))
                world.Counts[Happened.Gap]++;

            return log;
        },
        cancellationToken);

    public Task<NodesSeen> LookAsync(CancellationToken cancellationToken) => wire.CallAsync("look", _database.Look, cancellationToken);

    public Task FenceAsync(Guid lease, long beat, CancellationToken cancellationToken) => wire.CallAsync(
        "fence",
        () =>
        {
            var isGone = _database.Fence(lease, beat);
            world.Counts[Happened.Fence] += isGone ? 1 : 0;
            return isGone;
        },
        cancellationToken);

    public Task LeaveAsync(Guid lease, CancellationToken cancellationToken) =>
        wire.CallAsync("leave", () => _database.Leave(lease), cancellationToken);

    public Task TrimAsync(CancellationToken cancellationToken) => Task.CompletedTask; // the scenario says when an hour has passed

    public bool IsUnavailable(Exception exception) => DatabaseFaults.IsUnavailable(exception);

    public Task<KeySnapshot?> ReadAsync(PackedKeyId id, CancellationToken cancellationToken) =>
        wire.CallAsync("read", () => _database.ReadKey(id), cancellationToken);
}
