using System.Net;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.Model;
using ApiKeys.Server.Verification;

namespace ApiKeys.Server.Tests.Verification;

public sealed class KeyDecisionTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly ApiKeyValue Current = ApiKeyValue.Generate("sk", KeyEnvironment.Live, "k_7Fq2mZ81xY4c");
    private static readonly ApiKeyValue Old = ApiKeyValue.Generate("sk", KeyEnvironment.Live, "k_7Fq2mZ81xY4c");

    private static readonly KeySnapshot Key = new()
    {
        Id = Guid.Empty,
        KeyId = PackedKeyId.Of(Current.KeyId),
        Name = "A key",
        Secret = SecretHash.Of(Current),
        Tenancy = new Tenancy(Guid.Empty, "default", IsSuspended: false, OwnerId: null, Owner: null),
        Scopes = new HashSet<string>(),
    };

    [Fact]
    public void The_right_secret_of_a_good_key_is_accepted() =>
        Assert.Same(Key.Identity, Decide(Key, Current, address: null).Identity);

    [Theory]
    [InlineData(1, ApiKeyOutcome.Accepted)]
    [InlineData(0, ApiKeyOutcome.ExpiredKey)]
    [InlineData(-1, ApiKeyOutcome.ExpiredKey)]
    public void A_key_expires_at_the_very_tick(int ticksLeft, ApiKeyOutcome outcome) =>
        Assert.Equal(outcome, Decide(Key with { ExpiresAt = Now.AddTicks(ticksLeft) }, Current));

    [Theory]
    [InlineData(1, ApiKeyOutcome.Accepted)]
    [InlineData(0, ApiKeyOutcome.InvalidKey)]
    public void A_grace_period_ends_at_the_very_tick(int ticksLeft, ApiKeyOutcome outcome) =>
        Assert.Equal(outcome, Decide(Rotated(Now.AddTicks(ticksLeft)), Old));

    [Fact]
    public void Only_who_presents_the_right_secret_is_told_what_is_wrong()
    {
        var bad = Key with { IsRevoked = true, IsEnabled = false, ExpiresAt = Now };

        Assert.Equal(ApiKeyOutcome.InvalidKey, Decide(bad, Old));
        Assert.Equal(ApiKeyOutcome.RevokedKey, Decide(bad, Current));
        Assert.Equal(ApiKeyOutcome.ExpiredKey, Decide(bad with { IsRevoked = false }, Current));
        Assert.Equal(ApiKeyOutcome.DisabledKey, Decide(bad with { IsRevoked = false, ExpiresAt = null }, Current));
    }

    [Fact]
    public void The_secret_in_its_grace_period_shares_the_fate_of_its_key()
    {
        var key = Rotated(Now.AddDays(1));

        Assert.Equal(ApiKeyOutcome.RevokedKey, Decide(key with { IsRevoked = true }, Old));
        Assert.Equal(ApiKeyOutcome.DisabledKey, Decide(key with { IsEnabled = false }, Old));
        Assert.Equal(ApiKeyOutcome.ExpiredKey, Decide(key with { ExpiresAt = Now }, Old));
    }

    [Theory]
    [InlineData("203.0.113.7", true)]
    [InlineData("::ffff:203.0.113.7", true)]
    [InlineData("203.0.114.7", false)]
    [InlineData("2001:db8::1", true)]
    [InlineData("2001:db9::1", false)]
    [InlineData(null, false)]
    public void Only_allowed_addresses_may_use_it(string? address, bool isAllowed)
    {
        var key = Key with { AllowedNetworks = [IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("2001:db8::/32")] };
        var decision = Decide(key, Current, address is null ? null : IPAddress.Parse(address));

        Assert.Equal(isAllowed ? ApiKeyOutcome.Accepted : ApiKeyOutcome.IpNotAllowed, decision.Outcome);
    }

    [Theory]
    [InlineData("incidents:read", null)]
    [InlineData("incidents:read search:read", null)]
    [InlineData("incidents:read graph:read search:write", "graph:read")]
    public void Of_all_scopes_that_are_asked_for_the_first_that_is_missing_is_named(string asked, string? missing)
    {
        var key = Key with { Scopes = new HashSet<string> { "incidents:read", "search:read" } };
        var decision = Judge(key, Current, address: null, asked.Split(' ')).Decision;

        Assert.Equal(missing, decision.MissingScope);
        Assert.Equal(missing is null ? ApiKeyOutcome.Accepted : ApiKeyOutcome.InsufficientScope, decision.Outcome);
        Assert.Equal(ApiKeyOutcome.RevokedKey, Judge(key with { IsRevoked = true }, Current, address: null, asked.Split(' ')).Decision.Outcome);
    }

    [Fact]
    public void It_tells_which_secret_it_was()
    {
        var other = ApiKeyValue.Generate("sk", KeyEnvironment.Live, Current.KeyId);

        Assert.Equal(SecretUsed.Current, Judge(Rotated(Now), Current, address: null).Secret);
        Assert.Equal(SecretUsed.Previous, Judge(Rotated(Now.AddDays(1)), Old, address: null).Secret);
        Assert.Equal(SecretUsed.Previous, Judge(Rotated(Now), Old, address: null).Secret); // its grace period is over
        Assert.Equal(SecretUsed.Neither, Judge(Rotated(Now), other, address: null).Secret);
    }

    private static KeySnapshot Rotated(DateTimeOffset graceEnds) =>
        Key with { Previous = new PreviousSecret { Secret = SecretHash.Of(Old), ExpiresAt = graceEnds } };

    private static ApiKeyOutcome Decide(KeySnapshot key, ApiKeyValue value) => Decide(key, value, address: null).Outcome;

    private static ApiKeyDecision Decide(KeySnapshot key, ApiKeyValue value, IPAddress? address) => Judge(key, value, address).Decision;

    private static Judgement Judge(KeySnapshot key, ApiKeyValue value, IPAddress? address, params string[] scopes)
    {
        Span<byte> buffer = stackalloc byte[ApiKeyValue.MaxLength];
        Assert.True(PresentedValue.TryRead(value.Reveal(), buffer, out var presented));
        return KeyDecision.Decide(key, presented, new ApiKeyQuestion(new PresentedApiKey(value.Reveal()), address) { Scopes = scopes }, Now);
    }
}
