using ApiKeys.Server.Lookup;
using Microsoft.Extensions.Logging.Abstractions;

namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>The protocol with one rule taken away, under the names of docs/model: what has to be noticed.</summary>
internal static class BrokenRules
{
    private static readonly LookupOptions Endless = new() { LeaseSeconds = 60 };

    /// <summary>A renewal extends, and then applies; nor does a change return because of the time that has passed. That is safe by the fences.</summary>
    public static readonly Rules ExtendsFirst = Rules.Production with
    {
        Node = parts => new ExtendsFirstNode(parts),
        Store = (store, _) => new UnboundedStore(store),
    };

    /// <summary>A row that was lost does not empty memory. That is safe by the log.</summary>
    public static readonly Rules KeepsOverLoss = Rules.Production with { Node = parts => new KeepingNode(parts) };

    /// <summary>Each of these must be noticed.</summary>
    public static readonly IReadOnlyDictionary<string, Rules> All = new Dictionary<string, Rules>
    {
        ["A renewal extends before it applies"] = Rules.Production with { Node = parts => new ExtendsFirstNode(parts) },
        ["M1 t0 is taken after the reply"] = Rules.Production with { Node = parts => new LateStartNode(parts) },
        ["M2 a fill does not look at the generation"] = Rules.Production with { Cache = options => new CarelessCache(options) },
        ["M3 the wait is shorter than the lease"] = Rules.Production with { Store = (store, _) => new ImpatientStore(store) },
        ["M4 the fence deletes whatever the beat"] = ExtendsFirst with { Store = (store, _) => new BlindFenceStore(new UnboundedStore(store)) },
        ["M5 memory is kept over a gap in the log"] = Rules.Production with { Node = parts => new TrustingNode(parts) },
        ["M6 a row that stands still is passed over"] = ExtendsFirst with { Store = (store, _) => new PassingStore(new UnboundedStore(store)) },
        ["M7 acknowledged before it is applied"] = Rules.Production with { Store = (store, world) => new HastyStore(store, world) },
        ["M8 the end of the lease is not looked at"] = Rules.Production with { Lease = (clock, _) => new Lease(clock, Endless) },
        ["M9 a renewal makes a fenced row anew"] = ExtendsFirst with { Store = (store, _) => new RevivingStore(new UnboundedStore(store)) },
        ["M10 what the log says is not forgotten after the insert"] = KeepsOverLoss with { Store = (store, _) => new HeedlessStore(store) },
        ["M11 the log is read before the insert"] = Rules.Production with
        {
            Node = parts => new KeepingNode(parts with { Store = new ReadsFirstStore(parts) }),
        },
        ["M12 a request joins a read of an older generation"] = Rules.Production with { Source = source => new SharingSource(source) },
        ["M26 what a notification told is acknowledged before it is applied"] = Rules.Production with { Node = parts => new HastyNode(parts) },
        ["What a notification told is acknowledged whatever the log says"] = Rules.Production with { Store = (store, _) => new CredulousStore(store) },
    };

    public static Node ProductionNode(NodeParts parts) => new(
        parts.Store, parts.Cache, parts.Lease, parts.Options, parts.Clock, parts.Random, NullLogger<Node>.Instance);

    private class OtherNode(NodeParts parts) : Node(
        parts.Store, parts.Cache, parts.Lease, parts.Options, parts.Clock, parts.Random, NullLogger<Node>.Instance);

    private sealed class ExtendsFirstNode(NodeParts parts) : OtherNode(parts)
    {
        protected override async Task ApplyAndExtendAsync(long sent, Renewal renewal, CancellationToken cancellationToken)
        {
            Extend(sent, renewal.DatabaseTime);
            await CatchUpAsync(cancellationToken);
        }
    }

    private sealed class LateStartNode(NodeParts parts) : OtherNode(parts)
    {
        private readonly MonotonicClock _clock = parts.Clock;

        protected override long StartOfLease(long sent) => _clock.GetTimestamp();
    }

    private sealed class HastyNode(NodeParts parts) : OtherNode(parts)
    {
        private readonly NodeParts _parts = parts;

        protected override async Task<bool> ApplyAndAcknowledgeAsync(
            Guid lease, long beat, Invalidation told, CancellationToken cancellationToken)
        {
            var isTaken = await _parts.Store.AcknowledgeAsync(lease, beat, told, cancellationToken);
            _parts.Cache.Apply([told]);
            return isTaken;
        }
    }

    private sealed class TrustingNode(NodeParts parts) : OtherNode(parts)
    {
        protected override void ForgetAll()
        {
        }
    }

    private sealed class KeepingNode(NodeParts parts) : OtherNode(parts)
    {
        private readonly KeyCache _cache = parts.Cache;

        protected override void ForgetAfterLoss() => _cache.NextGeneration();
    }

    private sealed class CarelessCache(LookupOptions options) : KeyCache(options)
    {
        protected override bool IsCurrent(long generation) => true;
    }

    private sealed class ImpatientStore(IClusterStore inner) : StoreAround(inner)
    {
        public override async Task<NodesSeen> LookAsync(CancellationToken cancellationToken)
        {
            var seen = await Inner.LookAsync(cancellationToken);
            return seen with { Leases = [.. seen.Leases.Select(lease => lease with { Length = lease.Length * 0.7 })] };
        }
    }

    /// <summary>As if there were a node with a lease that never ends, and that acknowledges at once.</summary>
    private sealed class UnboundedStore(IClusterStore inner) : StoreAround(inner)
    {
        private static readonly LeaseSeen Endless = new(Guid.AllBitsSet, Beat: 1, Acked: long.MaxValue, TimeSpan.FromDays(1));

        public override async Task<NodesSeen> LookAsync(CancellationToken cancellationToken)
        {
            var seen = await Inner.LookAsync(cancellationToken);
            return seen with { Leases = [.. seen.Leases, Endless] };
        }
    }

    private sealed class BlindFenceStore(IClusterStore inner) : StoreAround(inner)
    {
        public override Task FenceAsync(Guid lease, long beat, CancellationToken cancellationToken) => Inner.LeaveAsync(lease, cancellationToken);
    }

    private sealed class PassingStore(IClusterStore inner) : StoreAround(inner)
    {
        private readonly HashSet<Guid> _passed = [];

        public override Task FenceAsync(Guid lease, long beat, CancellationToken cancellationToken)
        {
            _passed.Add(lease);
            return Task.CompletedTask;
        }

        public override async Task<NodesSeen> LookAsync(CancellationToken cancellationToken)
        {
            var seen = await Inner.LookAsync(cancellationToken);
            return seen with { Leases = [.. seen.Leases.Where(lease => !_passed.Contains(lease.Id))] };
        }
    }

    private sealed class HastyStore(IClusterStore inner, World world) : StoreAround(inner)
    {
        public override Task<Renewal?> RenewAsync(Guid lease, long beat, long acked, DateTimeOffset? ackedAt, CancellationToken cancellationToken) =>
            Inner.RenewAsync(lease, beat, world.Database.Head, ackedAt: null, cancellationToken);
    }

    /// <summary>As a renewal whose answer is lost would do.</summary>
    private sealed class CredulousStore(IClusterStore inner) : StoreAround(inner)
    {
        public override async Task<bool> AcknowledgeAsync(Guid lease, long beat, Invalidation applied, CancellationToken cancellationToken) =>
            await Inner.RenewAsync(lease, beat, applied.Seq, ackedAt: null, cancellationToken) is not null;
    }

    private sealed class RevivingStore(IClusterStore inner) : StoreAround(inner)
    {
        public override async Task<Renewal?> RenewAsync(Guid lease, long beat, long acked, DateTimeOffset? ackedAt, CancellationToken cancellationToken)
        {
            if (await Inner.RenewAsync(lease, beat, acked, ackedAt, cancellationToken) is { } renewal)
                return renewal;

            await Inner.RegisterAsync(lease, TimeSpan.FromSeconds(1), cancellationToken);
            return await Inner.RenewAsync(lease, beat: 0, acked, ackedAt, cancellationToken);
        }
    }

    /// <summary>Some time passes between the two, and before the first renewal.</summary>
    private sealed class ReadsFirstStore(NodeParts parts) : StoreAround(parts.Store)
    {
        private readonly MonotonicClock _clock = parts.Clock;
        private InvalidationLog? _old;
        private TimeSpan _pause;
        private long _applied;

        public override async Task<DateTimeOffset> RegisterAsync(Guid lease, TimeSpan length, CancellationToken cancellationToken)
        {
            _old = await Inner.ReadLogAsync(_applied, int.MaxValue, cancellationToken);
            await Task.Delay(length / 4, _clock, cancellationToken);
            _pause = length / 4;
            return await Inner.RegisterAsync(lease, length, cancellationToken);
        }

        public override async Task<Renewal?> RenewAsync(Guid lease, long beat, long acked, DateTimeOffset? ackedAt, CancellationToken cancellationToken)
        {
            await Task.Delay(_pause, _clock, cancellationToken);
            _pause = TimeSpan.Zero;
            _applied = acked;
            return await Inner.RenewAsync(lease, beat, acked, ackedAt, cancellationToken);
        }

        public override async Task<InvalidationLog> ReadLogAsync(long from, int limit, CancellationToken cancellationToken)
        {
            var log = _old ?? await Inner.ReadLogAsync(from, limit, cancellationToken);
            _old = null;
            return log;
        }
    }

    private sealed class HeedlessStore(IClusterStore inner) : StoreAround(inner)
    {
        private bool _isRegistering;

        public override async Task<DateTimeOffset> RegisterAsync(Guid lease, TimeSpan length, CancellationToken cancellationToken)
        {
            _isRegistering = true;
            return await Inner.RegisterAsync(lease, length, cancellationToken);
        }

        public override async Task<InvalidationLog> ReadLogAsync(long from, int limit, CancellationToken cancellationToken)
        {
            var log = await Inner.ReadLogAsync(from, limit, cancellationToken);
            if (!_isRegistering)
                return log;

            _isRegistering = false;
            return log with { Entries = [.. log.Entries.Select(OfNothing)] };
        }

        private static Invalidation OfNothing(Invalidation entry) =>
            new() { Seq = entry.Seq, Kind = InvalidationKind.Key, Target = "k_000000000000", At = entry.At };
    }

    private sealed class SharingSource(IKeySource inner) : IKeySource
    {
        private readonly Dictionary<PackedKeyId, Task<KeySnapshot?>> _underWay = [];

        public async Task<KeySnapshot?> ReadAsync(PackedKeyId id, CancellationToken cancellationToken)
        {
            if (!_underWay.TryGetValue(id, out var read))
                _underWay[id] = read = inner.ReadAsync(id, cancellationToken);

            try
            {
                return await read;
            }
            finally
            {
                _underWay.Remove(id);
            }
        }
    }
}
