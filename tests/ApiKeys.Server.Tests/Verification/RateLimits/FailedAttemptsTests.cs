using System.Net;
using ApiKeys.Server.Tests.Fixtures;
using ApiKeys.Server.Verification.RateLimits;

namespace ApiKeys.Server.Tests.Verification.RateLimits;

public sealed class FailedAttemptsTests(FailedAttemptsTests.BehindProxy server) : IClassFixture<FailedAttemptsTests.BehindProxy>
{
    private const int Limit = 5;
    private static readonly IPAddress Guesser = IPAddress.Parse("203.0.113.7");

    private readonly SteppedClock _clock = new();

    [Fact]
    public void An_address_is_over_after_so_many_until_the_minute_ends()
    {
        var failed = Attempts();
        Count(failed, Guesser, Limit - 1);
        Assert.Null(failed.Over(Guesser));

        _clock.Advance(TimeSpan.FromSeconds(20));
        failed.Count(Guesser);

        Assert.Equal((Limit, 0, 40), failed.Over(Guesser) is { } limit ? (limit.Policy.Requests, limit.Remaining, limit.ResetSeconds) : default);
        Assert.NotNull(failed.Over(Guesser.MapToIPv6()));
        Assert.Null(failed.Over(IPAddress.Parse("203.0.113.8")));
        Assert.Null(failed.Over(address: null));
        _clock.Advance(TimeSpan.FromSeconds(40));
        Assert.Null(failed.Over(Guesser));
    }

    [Fact]
    public void Whoever_has_one_IPv6_address_has_his_whole_network_of_them()
    {
        var failed = Attempts();
        for (var i = 0; i < Limit; i++)
            failed.Count(IPAddress.Parse($"2001:db8:1:2::{i}"));

        Assert.NotNull(failed.Over(IPAddress.Parse("2001:db8:1:2:3:4:5:6")));
        Assert.Null(failed.Over(IPAddress.Parse("2001:db8:1:3::1")));
    }

    /// <summary>A thousand guessers at once: who is none of them is hardly ever taken for one.</summary>
    [Fact]
    public void Others_share_the_fate_of_a_guesser_by_a_chance_in_a_thousand()
    {
        var failed = Attempts();
        for (var i = 0; i < 1_000; i++)
            Count(failed, new IPAddress([10, 0, (byte)(i >> 8), (byte)i]), Limit);

        Assert.InRange(Enumerable.Range(0, 10_000).Count(i => failed.Over(new IPAddress([192, 168, (byte)(i >> 8), (byte)i])) is not null), 0, 100);
    }

    [Fact]
    public async Task Guessing_costs_the_guesser_and_nobody_else_and_not_the_database()
    {
        var (known, cold) = (await server.CreateKeyAsync(), await server.CreateKeyAsync());
        Assert.Equal(200, await CallAsync(known.Value, "203.0.113.7"));
        for (var i = 0; i < Limit; i++)
            Assert.Equal(401, await CallAsync(Unknown(), "203.0.113.7"));

        using var refused = await SendAsync(Unknown(), "203.0.113.7");
        Assert.Equal($"\"address\";q={Limit};w=60", Assert.Single(refused.Headers.GetValues("RateLimit-Policy")));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        await refused.ShouldBeProblemAsync(429, "rate_limited");
        Assert.Equal(200, await CallAsync(known.Value, "203.0.113.7")); // it is in memory
        Assert.Equal(429, await CallAsync(cold.Value, "203.0.113.7")); // it would be a read
        await server.EditAsync(known.KeyId, new { name = "B" });
        Assert.Equal(200, await CallAsync(known.Value, "203.0.113.7")); // it would be one too, but it has been there before
        Assert.Equal(200, await CallAsync(cold.Value, "203.0.113.8"));
        Assert.Equal(401, await CallAsync(Unknown(), "203.0.113.8"));
    }

    [Fact]
    public async Task Garbage_and_one_wrong_key_again_and_again_bring_nobody_nearer_to_the_limit()
    {
        var (unknown, key) = (Unknown(), await server.CreateKeyAsync());
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => CallAsync(unknown, "203.0.113.20")));
        for (var i = 0; i < 3 * Limit; i++)
        {
            Assert.Equal(401, await CallAsync("garbage", "203.0.113.20"));
            Assert.Equal(401, await CallAsync(unknown, "203.0.113.20"));
            await server.EditAsync(key.KeyId, new { name = $"Key {i}" }); // what is remembered of unknown keys is asked again after a change
            Assert.Equal(401, await CallAsync(ApiKeyValue.Generate("sk", KeyEnvironment.Live, key.KeyId).Reveal(), "203.0.113.20"));
        }

        Assert.Equal(200, await CallAsync((await server.CreateKeyAsync()).Value, "203.0.113.20"));
    }

    private FailedAttempts Attempts() => new(new RateLimitOptions { FailedAttemptsPerMinute = Limit }, _clock);

    private static void Count(FailedAttempts failed, IPAddress address, int times)
    {
        for (var i = 0; i < times; i++)
            failed.Count(address);
    }

    private static string Unknown() => ApiKeyValue.Generate("sk", KeyEnvironment.Live, KeyIds.Generate()).Reveal();

    private async Task<int> CallAsync(string value, string from)
    {
        using var answer = await SendAsync(value, from);
        return (int)answer.StatusCode;
    }

    private async Task<HttpResponseMessage> SendAsync(string value, string from)
    {
        using var client = server.CreateClient(value);
        return await client.SendWithAsync(HttpMethod.Get, "/api/v1/incidents", "X-Forwarded-For", from);
    }

    public sealed class BehindProxy : KestrelTestServer
    {
        protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
        {
            ["TrustedProxies:0"] = "127.0.0.1",
            ["RateLimits:FailedAttemptsPerMinute"] = $"{Limit}",
        };
    }
}
