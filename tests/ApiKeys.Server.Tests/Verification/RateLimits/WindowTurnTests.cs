using System.Collections.Concurrent;
using System.Diagnostics;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.Model;
using ApiKeys.Server.Tests.Fixtures;
using ApiKeys.Server.Tests.Lookup;
using ApiKeys.Server.Verification.RateLimits;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace ApiKeys.Server.Tests.Verification.RateLimits;

/// <summary>Three nodes that are asked without a pause while one window follows the other, by the database's clock, which is this machine's.</summary>
public sealed class WindowTurnTests(TestServer server, ITestOutputHelper output) : IClassFixture<TestServer>
{
    private const int Limit = 50;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task No_window_lets_through_more_than_the_limit_and_each_lets_through_nearly_all_of_it()
    {
        var key = Snapshots.Of(1) with
        {
            Id = (await server.CreateKeyAsync()).Answer!.Value.GetProperty("id").GetGuid(),
            RateLimit = new RateLimit(Limit, WindowSeconds: 1),
        };
        var admitted = new ConcurrentBag<(long From, long To)>();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RunNodeAsync(key, server.ConnectionString, admitted)));

        var windows = admitted.GroupBy(request => request.To / TimeSpan.TicksPerSecond).OrderBy(window => window.Key).ToList();
        foreach (var window in windows)
        {
            var within = window.Count(request => request.From / TimeSpan.TicksPerSecond == window.Key);
            output.WriteLine($"{window.Count()} answered in it, {within} of them asked in it too");
            Assert.InRange(within, 0, Limit);
        }

        Assert.InRange(admitted.Count, 0.95 * Limit * (windows.Count - 2), Limit * (windows.Count + 1));
    }

    private static async Task RunNodeAsync(KeySnapshot key, string connectionString, ConcurrentBag<(long From, long To)> admitted)
    {
        var clock = new MonotonicClock();
        await using var database = new NodeDatabase(connectionString, new LookupOptions());
        using var limiter = new RateLimiter(
            new PostgresAllowanceStore(database), new LookupOptions(), clock, new Random(1), NullLogger<RateLimiter>.Instance);
        await limiter.StartAsync(default);
        var started = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            while (started.Elapsed < Duration)
            {
                var from = TimeProvider.System.GetUtcNow().Ticks;
                var answer = await limiter.TakeAsync(key, cost: 1, default);
                if (answer.Verdict == RateVerdict.Admit)
                    admitted.Add((from, TimeProvider.System.GetUtcNow().Ticks));

                await Task.Yield();
            }
        }));
        await limiter.StopAsync(default);
    }
}
