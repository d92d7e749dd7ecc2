using ApiKeys.Server.Lookup;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>Keys expire by the test's clock; the lease itself goes by the machine's.</summary>
internal sealed class ClockedLease(FakeClock time, MonotonicClock clock, LookupOptions options) : Lease(clock, options)
{
    protected override DateTimeOffset TimeAt(Term term, long timestamp) => time.GetUtcNow();
}
