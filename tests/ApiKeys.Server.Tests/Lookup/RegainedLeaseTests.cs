using ApiKeys.Server.Lookup;
using Microsoft.Extensions.Logging.Abstractions;

namespace ApiKeys.Server.Tests.Lookup;

/// <summary>A node whose lease has ended reads each key anew, and may learn of a change before the log tells it.</summary>
public sealed class RegainedLeaseTests
{
    private readonly MonotonicClock _clock = new();
    private readonly LookupOptions _options = new();
    private readonly Source _source = new();

    [Fact]
    public async Task What_a_node_has_refused_without_a_lease_it_does_not_accept_with_the_next_one()
    {
        var (cache, lease) = (new KeyCache(_options), new Lease(_clock, _options));
        using var lookup = new KeyLookup(
            cache, new UnknownKeys(_clock), lease, _source, _options, _clock, new Random(1), NullLogger<KeyLookup>.Instance);
        var id = _source.Key.KeyId;
        Extend(lease);
        Assert.False((await lookup.FindAsync(id, default)).Key!.IsRevoked);
        Assert.True(lookup.TryFind(id, out _));

        lease.End();
        _source.Key = _source.Key with { IsRevoked = true };
        Assert.True((await lookup.FindAsync(id, default)).Key!.IsRevoked);

        Extend(lease); // by a renewal that was answered before the change was committed
        Assert.False(lookup.TryFind(id, out _));
        Assert.True((await lookup.FindAsync(id, default)).Key!.IsRevoked);
    }

    private void Extend(Lease lease) => lease.Extend(_clock.GetTimestamp(), TimeProvider.System.GetUtcNow());

    /// <summary>One key, as it is at the moment.</summary>
    private sealed class Source : IKeySource
    {
        public KeySnapshot Key { get; set; } = new()
        {
            Id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
            KeyId = PackedKeyId.Of(KeyIds.Generate()),
            Name = "A key",
            Secret = new SecretHash(new byte[SecretHash.SaltLength], new byte[SecretHash.HashLength]),
            Tenancy = new Tenancy(Guid.Empty, "default", IsSuspended: false, OwnerId: null, Owner: null),
            Scopes = new HashSet<string>(),
        };

        public Task<KeySnapshot?> ReadAsync(PackedKeyId id, CancellationToken cancellationToken) => Task.FromResult<KeySnapshot?>(Key);
    }
}
