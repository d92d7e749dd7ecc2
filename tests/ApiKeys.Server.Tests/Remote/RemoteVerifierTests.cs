using ApiKeys.Server.Tests.Fixtures;
using ApiKeys.Server.Tests.Verification.RateLimits;

namespace ApiKeys.Server.Tests.Remote;

/// <summary>The package in an API of its own, against the service.</summary>
public sealed class RemoteVerifierTests(TestServer service) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_key_is_asked_about_once_and_then_remembered()
    {
        await using var api = await StartAsync();
        var key = await service.CreateKeyAsync();

        for (var i = 0; i < 5; i++)
            await api.CallAsync(key.Value).ShouldBeAcceptedAsync();

        Assert.Equal(1, api.Wire.Verifications);
    }

    [Fact]
    public async Task A_request_comes_with_all_that_the_service_says_of_the_key()
    {
        await using var api = await StartAsync();
        var key = await service.CreateKeyAsync(new { name = "SOAR", scopes = new[] { "incidents:read", "search:read" }, owner = "admin@example.com" });

        using var answer = await api.CallAsync(key.Value, "/whoami");

        Assert.Equal(
            ["environment=live", $"key_id={key.KeyId}", "name=SOAR", "organization=default", "owner=admin@example.com", "scope=incidents:read", "scope=search:read"],
            (await answer.ReadJsonAsync(200)).EnumerateArray().Select(claim => claim.GetString()).Order());
    }

    [Fact]
    public async Task When_a_revoke_has_been_answered_the_next_request_is_refused()
    {
        await using var api = await StartAsync();
        for (var i = 0; i < 20; i++)
        {
            var key = await service.CreateKeyAsync();
            await api.CallAsync(key.Value).ShouldBeAcceptedAsync();

            var propagation = (await service.RevokeAsync(key.KeyId)).GetProperty("propagation");

            await api.CallAsync(key.Value).ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);
            Assert.Equal(2, propagation.GetProperty("nodes").GetInt32());
            Assert.Equal(2, propagation.GetProperty("confirmed").GetInt32());
        }
    }

    /// <summary>The answer is on its way while the key is revoked.</summary>
    [Fact]
    public async Task What_was_asked_before_a_revoke_is_not_remembered_after_it()
    {
        await using var api = await StartAsync();
        var key = await service.CreateKeyAsync();
        var (isAnswered, mayArrive) = (new TaskCompletionSource(), new TaskCompletionSource());
        api.Wire.AfterAsking = () =>
        {
            isAnswered.TrySetResult();
            return mayArrive.Task;
        };

        var first = api.CallAsync(key.Value);
        await isAnswered.Task;
        await service.RevokeAsync(key.KeyId);
        var second = api.CallAsync(key.Value); // does not join the first
        mayArrive.SetResult();

        await first.ShouldBeAcceptedAsync();
        await second.ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);
        await api.CallAsync(key.Value).ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);
    }

    [Fact]
    public async Task Every_change_of_a_key_its_organization_and_its_owner_is_heeded_at_once()
    {
        await using var api = await StartAsync();
        await service.AddOrganizationAsync("changing");
        var key = await service.CreateKeyAsync(new { name = "Changing", scopes = new[] { "incidents:read", "search:read" }, organization = "changing" });
        await api.CallAsync(key.Value).ShouldBeAcceptedAsync();

        await service.EditAsync(key.KeyId, new { scopes = new[] { "search:read" } });
        await api.CallAsync(key.Value).ShouldBeProblemAsync(
            403, "insufficient_scope", "API key does not have the required scope: incidents:read",
            "Bearer error=\"insufficient_scope\", scope=\"incidents:read\"");
        await api.CallAsync(key.Value, "/search").ShouldBeAcceptedAsync();

        await service.EditAsync(key.KeyId, new { enabled = false });
        await api.CallAsync(key.Value, "/search").ShouldBeProblemAsync(401, "disabled_key", challenge: Answers.InvalidToken);
        await service.EditAsync(key.KeyId, new { enabled = true });
        await api.CallAsync(key.Value, "/search").ShouldBeAcceptedAsync();

        await service.EditOrganizationAsync("changing", new { suspended = true });
        await api.CallAsync(key.Value, "/search").ShouldBeProblemAsync(
            401, "disabled_key", "The organization that the API key belongs to is suspended. Ask the operator of this service to resume it.", Answers.InvalidToken);
    }

    [Fact]
    public async Task A_replaced_secret_works_for_its_grace_period_beside_the_new_one()
    {
        await using var api = await StartAsync();
        var key = await service.CreateKeyAsync();
        await api.CallAsync(key.Value).ShouldBeAcceptedAsync();

        var rotated = (await service.RotateAsync(key.KeyId)).Text("api_key")!;
        for (var i = 0; i < 3; i++)
        {
            await api.CallAsync(key.Value).ShouldBeAcceptedAsync();
            await api.CallAsync(rotated).ShouldBeAcceptedAsync();
        }

        Assert.Equal(3, api.Wire.Verifications); // once before, and once for each
        var last = (await service.RotateAsync(key.KeyId, new { grace_period_days = 0 })).Text("api_key")!;
        await api.CallAsync(rotated).ShouldBeInvalidKeyAsync();
        await api.CallAsync(key.Value).ShouldBeInvalidKeyAsync();
        await api.CallAsync(last).ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task Scopes_are_judged_by_what_is_remembered()
    {
        await using var api = await StartAsync();
        var key = await service.CreateKeyAsync("incidents:read");
        await api.CallAsync(key.Value).ShouldBeAcceptedAsync();

        await api.CallAsync(key.Value, "/search").ShouldBeProblemAsync(
            403, "insufficient_scope", "API key does not have the required scope: search:read", "Bearer error=\"insufficient_scope\", scope=\"search:read\"");

        Assert.Equal(1, api.Wire.Verifications);
    }

    [Fact]
    public async Task Garbage_is_refused_without_asking()
    {
        await using var api = await StartAsync();
        var value = (await service.CreateKeyAsync()).Value;

        foreach (var garbage in (string[])["nonsense", value[..^1], value[..^1] + (value[^1] == 'A' ? 'B' : 'A'), new string('a', 5_000), "sk_live_ü"])
            await api.CallAsync(garbage).ShouldBeInvalidKeyAsync();

        await api.CallAsync(apiKey: null).ShouldBeProblemAsync(401, "missing_credentials", challenge: "Bearer realm=\"api\"");
        Assert.Equal(0, api.Wire.Verifications);
    }

    [Fact]
    public async Task A_wrong_secret_is_refused_and_takes_nothing_from_the_right_one()
    {
        await using var api = await StartAsync();
        var key = await service.CreateKeyAsync();
        await api.CallAsync(key.Value).ShouldBeAcceptedAsync();

        await api.CallAsync(ApiKeyValue.Generate("sk", KeyEnvironment.Live, key.KeyId).Reveal()).ShouldBeInvalidKeyAsync();
        await api.CallAsync(key.Value).ShouldBeAcceptedAsync();

        Assert.Equal(2, api.Wire.Verifications);
    }

    [Fact]
    public async Task A_key_with_a_rate_limit_is_asked_about_each_time_however_many_come_at_once()
    {
        await using var api = await StartAsync();
        var key = await service.CreateKeyAsync(
            new { name = "Limited", scopes = new[] { "incidents:read" }, rate_limit = new { requests = 3, window_seconds = RateWindows.Long } });

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => api.CallAsync(key.Value)));

        Assert.Equal(3, answers.Count(answer => (int)answer.StatusCode == 200));
        var refused = answers.First(answer => (int)answer.StatusCode == 429);
        await refused.ShouldBeProblemAsync(429, "rate_limited");
        Assert.Equal($"\"key\";q=3;w={RateWindows.Long}", refused.Headers.GetValues("RateLimit-Policy").Single());
        Assert.StartsWith("\"key\";r=0;t=", refused.Headers.GetValues("RateLimit").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_with_allowed_addresses_is_asked_about_for_each_of_them()
    {
        await using var api = await StartAsync();
        var key = await service.CreateKeyAsync(new { name = "At home", scopes = new[] { "incidents:read" }, allowed_ips = new[] { "203.0.113.0/24", "2001:db8::/64" } });

        await api.CallAsync(key.Value, from: "203.0.113.7").ShouldBeAcceptedAsync();
        await api.CallAsync(key.Value, from: "203.0.113.7").ShouldBeAcceptedAsync();
        await api.CallAsync(key.Value, from: "198.51.100.1").ShouldBeProblemAsync(403, "ip_not_allowed");
        await api.CallAsync(key.Value, from: "2001:db8::1%3").ShouldBeAcceptedAsync();
        await api.CallAsync(key.Value).ShouldBeProblemAsync(403, "ip_not_allowed");

        Assert.Equal(4, api.Wire.Verifications);
    }

    [Fact]
    public async Task Requests_that_come_at_once_share_a_question()
    {
        await using var api = await StartAsync();
        var key = await service.CreateKeyAsync();
        var mayAsk = new TaskCompletionSource();
        api.Wire.BeforeAsking = () => mayAsk.Task;

        var calls = Enumerable.Range(0, 20).Select(_ => api.CallAsync(key.Value)).ToList();
        await Eventually.TrueAsync(() => api.Wire.Verifications > 0, () => "Nobody asks.");
        mayAsk.SetResult();
        foreach (var call in calls)
            await call.ShouldBeAcceptedAsync();

        Assert.Equal(1, api.Wire.Verifications);
    }

    [Fact]
    public async Task Whoever_gives_up_takes_nobody_with_him()
    {
        await using var api = await StartAsync();
        var key = await service.CreateKeyAsync();
        var mayAsk = new TaskCompletionSource();
        api.Wire.BeforeAsking = () => mayAsk.Task;
        using var impatience = new CancellationTokenSource();

        var first = api.CallAsync(key.Value, cancellationToken: impatience.Token);
        await Eventually.TrueAsync(() => api.Wire.Verifications > 0, () => "Nobody asks.");
        var second = api.CallAsync(key.Value);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        mayAsk.SetResult();

        await second.ShouldBeAcceptedAsync();
        Assert.Equal(1, api.Wire.Verifications);
    }

    [Fact]
    public async Task What_is_remembered_counts_as_if_it_had_been_asked()
    {
        await using var api = await StartAsync();
        var key = await service.CreateKeyAsync("incidents:read");
        for (var i = 0; i < 7; i++)
            await api.CallAsync(key.Value, from: "203.0.113.9").ShouldBeAcceptedAsync();

        using (await api.CallAsync(key.Value, "/search", from: "203.0.113.9"))
            await api.DisposeAsync(); // the last report is sent when it stops

        var usage = await service.UsageAsync(key.KeyId);
        var day = usage.GetProperty("days").EnumerateArray().Single();
        Assert.Equal(7, day.GetProperty("accepted").GetInt32());
        Assert.Equal(1, day.GetProperty("refused").GetProperty("insufficient_scope").GetInt32());
        Assert.Equal("203.0.113.9", usage.GetProperty("last_addresses").EnumerateArray().Single().Text("address"));
    }

    [Fact]
    public async Task Neither_the_credential_nor_a_key_is_ever_logged()
    {
        var credential = await CreateVerifierAsync();
        await using var api = await RemoteApi.StartAsync(service, credential.Value);
        var key = await service.CreateKeyAsync();
        await api.CallAsync(key.Value).ShouldBeAcceptedAsync();
        api.Wire.IsCut = true;
        using (await api.CallAsync((await service.CreateKeyAsync()).Value))
            api.Wire.IsCut = false;

        await service.RevokeAsync(key.KeyId);
        using (await api.CallAsync(key.Value))
            await service.RevokeAsync(credential.KeyId);

        await Eventually.TrueAsync(() => api.Logs.Lines.Any(line => line.Contains(" 611 ", StringComparison.Ordinal)), () => string.Join('\n', api.Logs.Lines));
        var secrets = new[] { credential.Value, key.Value }.Select(value => value.Split('_')[^1]).ToList();
        Assert.All(api.Logs.Lines, line => Assert.All(secrets, secret => Assert.DoesNotContain(secret, line, StringComparison.Ordinal)));
    }

    private async Task<RemoteApi> StartAsync() => await RemoteApi.StartAsync(service, (await CreateVerifierAsync()).Value);

    private Task<IssuedKey> CreateVerifierAsync() =>
        service.CreateKeyAsync(new { name = "An API", roles = new[] { "verifier" }, expires_in_days = (int?)null });
}
