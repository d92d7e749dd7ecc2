using ApiKeys.AspNetCore;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.Verification;
using ApiKeys.Server.Verification.RateLimits;
using ApiKeys.Server.Verification.Usage;
using Microsoft.Extensions.Logging.Abstractions;

namespace ApiKeys.Benchmarks.Verify;

/// <summary>The host's verifier over keys that it remembers, under a lease that holds; there is no database behind it.</summary>
internal sealed class RememberedKeys : IDisposable
{
    private readonly MonotonicClock _clock = new();
    private readonly NoDatabase _source = new();
    private readonly Lease _lease;
    private readonly KeyLookup _lookup;
    private readonly RateLimiter _limiter;

    public RememberedKeys(int count)
    {
        var options = new LookupOptions { LeaseSeconds = 60 };
        var cache = new KeyCache(options);
        _lease = new Lease(_clock, options);
        _lookup = new KeyLookup(
            cache, new UnknownKeys(_clock), _lease, _source, options, _clock, new Random(1), NullLogger<KeyLookup>.Instance);
        var limits = new RateLimitOptions();
        _limiter = new RateLimiter(_source, options, _clock, new Random(1), NullLogger<RateLimiter>.Instance);
        Verifier = new KeyVerifier(_lookup, _limiter, new FailedAttempts(limits, _clock), limits, new UsageLog());

        var (parts, catalog) = (new SnapshotParts(), SampleCatalog.Load());
        foreach (var key in new ManyKeys(organizations: 1).Take(count))
        {
            cache.TryKeep(parts.Snapshot(key.Key, catalog), cache.Generation);
            Values.Add(key.Value.Reveal());
        }

        Renew();
    }

    public IApiKeyVerifier Verifier { get; }

    public List<string> Values { get; } = [];

    /// <summary>How often the database was asked.</summary>
    public int Reads => _source.Reads;

    public void Renew() => _lease.Extend(_clock.GetTimestamp(), TimeProvider.System.GetUtcNow());

    public void Dispose()
    {
        _limiter.Dispose();
        _lookup.Dispose();
    }

    private sealed class NoDatabase : IKeySource, IAllowanceStore
    {
        public int Reads { get; private set; }

        public Task<KeySnapshot?> ReadAsync(PackedKeyId id, CancellationToken cancellationToken)
        {
            Reads++;
            throw new BenchException("The database was asked.");
        }

        public Task<IReadOnlyList<Grant>> TakeAsync(IReadOnlyList<Want> wants, CancellationToken cancellationToken) =>
            throw new BenchException("The database was asked.");

        public Task GiveBackAsync(IReadOnlyList<Rest> rests, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
