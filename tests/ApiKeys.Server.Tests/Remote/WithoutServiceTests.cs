using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Remote;

/// <summary>What an API does where the service, its stream, or the right to ask is gone.</summary>
public sealed class WithoutServiceTests(TestServer service) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Without_the_stream_each_request_asks()
    {
        await using var api = await StartAsync(hasStream: false);
        var key = await service.CreateKeyAsync();

        for (var i = 0; i < 3; i++)
            await api.CallAsync(key.Value).ShouldBeAcceptedAsync();

        Assert.Equal(3, api.Wire.Verifications);
        var propagation = (await service.RevokeAsync(key.KeyId)).GetProperty("propagation");
        Assert.Equal(1, propagation.GetProperty("nodes").GetInt32());
        await api.CallAsync(key.Value).ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);
    }

    [Fact]
    public async Task Without_the_stream_answers_are_kept_for_as_long_as_the_option_says()
    {
        var clock = new SteppedClock();
        await using var api = await StartAsync(hasStream: false, keepSeconds: 30, clock);
        var key = await service.CreateKeyAsync();
        await api.CallAsync(key.Value).ShouldBeAcceptedAsync();
        await service.RevokeAsync(key.KeyId);

        clock.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1));
        await api.CallAsync(key.Value).ShouldBeAcceptedAsync();

        clock.Advance(TimeSpan.FromTicks(1));
        await api.CallAsync(key.Value).ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);
    }

    [Fact]
    public async Task While_the_service_is_away_what_is_remembered_is_accepted_until_the_lease_ends()
    {
        var clock = new SteppedClock();
        await using var api = await StartAsync(hasStream: true, keepSeconds: 0, clock);
        var (known, unknown) = (await service.CreateKeyAsync(), await service.CreateKeyAsync());
        await api.CallAsync(known.Value).ShouldBeAcceptedAsync();
        api.Wire.IsCut = true;

        await api.CallAsync(unknown.Value).ShouldBeProblemAsync(503, "unavailable");
        await api.CallAsync(known.Value).ShouldBeAcceptedAsync();
        clock.Advance(TimeSpan.FromSeconds(10));
        await api.CallAsync(known.Value).ShouldBeProblemAsync(503, "unavailable");
        await api.CallAsync("garbage").ShouldBeInvalidKeyAsync();

        api.Wire.IsCut = false;
        clock.Advance(TimeSpan.FromSeconds(1));
        await api.CallAsync(known.Value).ShouldBeAcceptedAsync();
    }

    /// <summary>Else the revoke would wait until the API's lease has ended.</summary>
    [Fact]
    public async Task When_its_own_credential_is_revoked_an_API_answers_503_and_holds_the_revoke_up_no_longer_than_it_takes_to_tell()
    {
        var credential = await service.CreateKeyAsync(new { name = "Doomed API", roles = new[] { "verifier" } });
        await using var api = await RemoteApi.StartAsync(service, credential.Value);
        var key = await service.CreateKeyAsync();
        await api.CallAsync(key.Value).ShouldBeAcceptedAsync();

        var propagation = (await service.RevokeAsync(credential.KeyId)).GetProperty("propagation");

        Assert.InRange(propagation.GetProperty("elapsed_ms").GetInt64(), 0, 5_000); // of ten seconds
        await api.CallAsync(key.Value).ShouldBeProblemAsync(503, "unavailable");
        Assert.Contains(api.Logs.Lines, line => line.Contains("ApiKeyOptions.Credential", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_credential_without_the_scope_gets_503_and_a_log_that_says_what_to_do()
    {
        var credential = await service.CreateKeyAsync("incidents:read");
        await using var api = await RemoteApi.StartAsync(service, credential.Value, hasStream: false);

        await api.CallAsync((await service.CreateKeyAsync()).Value).ShouldBeProblemAsync(503, "unavailable");

        Assert.Contains(api.Logs.Lines, line => line.Contains("role verifier", StringComparison.Ordinal) && line.Contains("insufficient_scope", StringComparison.Ordinal));
    }

    private async Task<RemoteApi> StartAsync(bool hasStream, int keepSeconds = 0, MonotonicClock? clock = null)
    {
        var credential = await service.CreateKeyAsync(new { name = "An API", roles = new[] { "verifier" } });
        return await RemoteApi.StartAsync(service, credential.Value, hasStream, keepSeconds, clock);
    }
}
