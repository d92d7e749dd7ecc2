using ApiKeys.Server.Lookup;
using ApiKeys.Server.Model;
using ApiKeys.Server.Tests.Fixtures;
using ApiKeys.Server.Tests.Lookup;
using ApiKeys.Server.Verification.RateLimits;
using Microsoft.Extensions.Logging.Abstractions;

namespace ApiKeys.Server.Tests.Verification.RateLimits;

/// <summary>A limiter whose clock and database are the test's.</summary>
public abstract class LimiterTest : IAsyncLifetime, IDisposable
{
    private protected const int MaxKeys = 1_000;

    protected LimiterTest()
    {
        Store = new MemoryAllowances(Clock);
        Limiter = new RateLimiter(Store, new LookupOptions { MaxKeys = MaxKeys }, Clock, new Random(1), NullLogger<RateLimiter>.Instance);
    }

    private protected SteppedClock Clock { get; } = new();

    private protected MemoryAllowances Store { get; }

    private protected RateLimiter Limiter { get; }

    public Task InitializeAsync() => Limiter.StartAsync(default);

    public Task DisposeAsync() => Limiter.StopAsync(default);

    public void Dispose()
    {
        Limiter.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected Task<RateAnswer> TakeAsync(KeySnapshot key, int cost = 1) => Limiter.TakeAsync(key, cost, default);

    private protected Task AskedAsync(int statements) =>
        Eventually.TrueAsync(() => Store.Statements.Count == statements, () => $"{Store.Statements.Count} statements");

    private protected static KeySnapshot Key(int number, int requests, int windowSeconds = 60) => Snapshots.Of(number) with
    {
        Id = new Guid(number, 0, 0, new byte[8]),
        RateLimit = new RateLimit(requests, windowSeconds),
    };
}
