using System.Net.Http.Json;
using ApiKeys.Server.Database;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ApiKeys.Server.Tests.Verification.RateLimits;

/// <summary>What a client and an administrator see of limits.</summary>
public sealed class RateLimitTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly int Window = RateWindows.Long;

    [Fact]
    public async Task Accepted_and_refused_answers_say_what_is_left_and_when_to_come_again()
    {
        var key = await LimitedAsync(2);

        await ShouldLeaveAsync(await server.CallAsync(key.Value), 200, left: 1);
        await ShouldLeaveAsync(await server.CallAsync(key.Value), 200, left: 0);
        using var refused = await server.CallAsync(key.Value);
        await ShouldLeaveAsync(refused, 429, left: 0);
        var seconds = refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds;
        Assert.InRange(seconds, 1, Window);
        await refused.ShouldBeProblemAsync(429, "rate_limited", $"The limit of 2 requests in {Window} s is used up. Try again in {seconds} s.");
    }

    [Fact]
    public async Task A_key_without_a_limit_says_nothing_of_one()
    {
        using var answer = await server.CallAsync((await server.CreateKeyAsync()).Value);

        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("RateLimit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_refused_for_another_reason_uses_up_nothing()
    {
        var key = await LimitedAsync(1);
        var disabled = await LimitedAsync(1);
        await server.EditAsync(disabled.KeyId, new { enabled = false });

        for (var i = 0; i < 3; i++)
        {
            await server.CallAsync(key.Value, "/api/v1/search").ShouldBeProblemAsync(
                403, "insufficient_scope", challenge: "Bearer error=\"insufficient_scope\", scope=\"search:read\"");
            await server.CallAsync(disabled.Value).ShouldBeProblemAsync(401, "disabled_key", challenge: Answers.InvalidToken);
            await server.CallAsync(key.Value.Replace("sk_live_", "sk_test_", StringComparison.Ordinal)).ShouldBeInvalidKeyAsync();
        }

        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
        await server.CallAsync(key.Value).ShouldBeProblemAsync(429, "rate_limited");
    }

    [Fact]
    public async Task Every_endpoint_counts_and_both_secrets_of_a_key_share_its_limit()
    {
        var key = await LimitedAsync(3);
        var rotated = await server.RotateAsync(key.KeyId);

        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
        await server.CallAsync(key.Value, "/api/v1/me").ShouldBeAcceptedAsync();
        await server.CallAsync(rotated.Text("api_key")!).ShouldBeAcceptedAsync();

        await server.CallAsync(key.Value).ShouldBeProblemAsync(429, "rate_limited");
        await server.CallAsync(rotated.Text("api_key")!, "/api/v1/me").ShouldBeProblemAsync(429, "rate_limited");
    }

    [Fact]
    public async Task A_limit_that_is_cut_is_in_force_when_the_call_returns_and_one_that_is_lifted_too()
    {
        var key = await LimitedAsync(1_000);
        for (var i = 0; i < 5; i++)
            await server.CallAsync(key.Value).ShouldBeAcceptedAsync();

        await server.EditAsync(key.KeyId, new { rate_limit = new { requests = 5 } });
        await server.CallAsync(key.Value).ShouldBeProblemAsync(429, "rate_limited");

        await server.EditAsync(key.KeyId, new { rate_limit = (object?)null });
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task Whoever_waits_for_his_turn_while_the_limit_is_cut_goes_by_the_new_one()
    {
        var key = await LimitedAsync(1_000);
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
        var id = key.Answer!.Value.GetProperty("id").GetGuid();
        await using var scope = server.Services.CreateAsyncScope();
        await using var held = await scope.ServiceProvider.GetRequiredService<ApiKeysDbContext>().Database.BeginTransactionAsync();
        await scope.ServiceProvider.GetRequiredService<ApiKeysDbContext>().Database.ExecuteSqlAsync(
            $"select from rate_limit_windows where api_key_id = {id} for update");
        var waiting = Enumerable.Range(0, 50).Select(_ => server.CallAsync(key.Value)).ToList();

        await server.EditAsync(key.KeyId, new { rate_limit = new { requests = 5 } });
        await held.CommitAsync();

        var admitted = (await Task.WhenAll(waiting)).Count(answer => answer.IsSuccessStatusCode);
        Assert.InRange(admitted, 0, 5); // one may have been in hand before
        await server.CallAsync(key.Value).ShouldBeProblemAsync(429, "rate_limited");
    }

    [Fact]
    public async Task The_next_window_begins_anew()
    {
        var key = await server.CreateKeyAsync(new { name = "A", scopes = new[] { "incidents:read" }, rate_limit = new { requests = 1, window_seconds = 1 } });
        await Eventually.AnswersAsync(429, () => server.CallAsync(key.Value));

        await Eventually.AnswersAsync(200, () => server.CallAsync(key.Value));
    }

    [Fact]
    public async Task An_organization_has_a_limit_for_each_of_its_keys_that_has_none_of_its_own()
    {
        using var made = await server.Operator.PostAsJsonAsync(
            "/api/admin/organizations", new { slug = "limited", name = "Limited", plan = "enterprise", rate_limit = new { requests = 1, window_seconds = Window } });
        Assert.Equal(1, (await made.ReadJsonAsync(201)).GetProperty("rate_limit").GetProperty("requests").GetInt32());
        var (one, other) = (await KeyOfAsync("limited"), await KeyOfAsync("limited"));
        var own = await KeyOfAsync("limited", new { requests = 2, window_seconds = Window });

        await server.CallAsync(one.Value).ShouldBeAcceptedAsync();
        await server.CallAsync(one.Value).ShouldBeProblemAsync(429, "rate_limited");
        await server.CallAsync(other.Value).ShouldBeAcceptedAsync();
        await server.CallAsync(own.Value).ShouldBeAcceptedAsync();
        await server.CallAsync(own.Value).ShouldBeAcceptedAsync();
        await server.CallAsync(own.Value).ShouldBeProblemAsync(429, "rate_limited");

        await server.EditOrganizationAsync("limited", new { rate_limit = new { requests = 2 } });
        await server.CallAsync(one.Value).ShouldBeAcceptedAsync();
        server.Clock.Advance(TimeSpan.FromMilliseconds(1)); // the later event stands first
        await server.EditOrganizationAsync("limited", new { rate_limit = (object?)null });
        await server.CallAsync(one.Value).ShouldBeAcceptedAsync();
        Assert.Equal(
            """{"rate_limit": {"from": {"requests": 2, "window_seconds": """ + Window + """}, "to": null}}""",
            (await server.DoneAsync("?action=organization.updated"))[0].GetProperty("changes").GetRawText().Replace(":", ": ", StringComparison.Ordinal).Replace(",", ", ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"rate_limit": {"requests": 0, "window_seconds": 60}}""")]
    [InlineData("""{"rate_limit": {"requests": 5}}""")]
    [InlineData("""{"rate_limit": {"requests": 5, "window_seconds": 86401}}""")]
    public async Task A_limit_that_cannot_be_is_refused(string patch)
    {
        using var body = new StringContent(patch, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        await server.Operator.PatchAsync("/api/admin/organizations/default", body).ShouldBeInvalidAsync("rate_limit");
    }

    private Task<IssuedKey> LimitedAsync(int requests) => server.CreateKeyAsync(
        new { name = "Limited", scopes = new[] { "incidents:read" }, rate_limit = new { requests, window_seconds = Window } });

    private Task<IssuedKey> KeyOfAsync(string organization, object? limit = null) =>
        server.CreateKeyAsync(new { name = "A", scopes = new[] { "incidents:read" }, organization, rate_limit = limit });

    private static async Task ShouldLeaveAsync(HttpResponseMessage answer, int status, int left)
    {
        await answer.ReadJsonAsync(status);
        Assert.Matches($"^\"key\";q=\\d+;w={Window}$", Assert.Single(answer.Headers.GetValues("RateLimit-Policy")));
        Assert.Matches($"^\"key\";r={left};t=[1-9]\\d*$", Assert.Single(answer.Headers.GetValues("RateLimit")));
    }
}
