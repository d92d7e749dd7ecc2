using System.Text.Json;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Model;
using ApiKeys.Server.Tests.Fixtures;
using ApiKeys.Server.Tests.Lookup;
using ApiKeys.Server.Verification.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace ApiKeys.Server.Tests.Remote;

/// <summary>What the service says of its answers.</summary>
public sealed class TermsTests
{
    [Fact]
    public void An_answer_may_be_kept() => Assert.True(Of(Snapshots.Of(1).Accepted).MayBeKept);

    /// <summary>As with RateLimits:WhenUnavailable = Allow. Whoever kept it would count no use any more, also when the database is back.</summary>
    [Fact]
    public void A_key_with_a_limit_that_was_let_through_uncounted_is_not_to_be_kept()
    {
        var key = Snapshots.Of(1) with { RateLimit = new RateLimit(1, 60) };

        Assert.False(Of(key.Accepted).MayBeKept);
        Assert.False(Of((key with { Previous = new PreviousSecret { Secret = key.Secret, ExpiresAt = DateTimeOffset.MaxValue } }).AcceptedByPrevious).MayBeKept);
    }

    private static AnswerTerms Of(ApiKeyDecision decision)
    {
        var clock = new SteppedClock();
        var options = new LeaseOptions();
        var lease = new Lease(clock, options);
        lease.Extend(clock.GetTimestamp(), DateTimeOffset.UnixEpoch);
        using var node = new Node(new MemoryStore(), new KeyCache(options), lease, options, clock, new Random(1), NullLogger<Node>.Instance);
        var response = new DefaultHttpContext().Response;
        new Terms(node, lease).Tell(response, decision, applied: new LogPosition(0, null));
        return JsonSerializer.Deserialize(response.Headers[LeaseCalls.TermsHeader].ToString(), LeaseJson.Default.AnswerTerms)!;
    }
}
