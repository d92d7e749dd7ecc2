using System.Text.Json;
using ApiKeys.Server.Tests.Fixtures;
using ApiKeys.Server.Verification.Usage;
using Microsoft.Extensions.DependencyInjection;

namespace ApiKeys.Server.Tests.Verification.Usage;

/// <summary>What an administrator is told of the use of a key.</summary>
public sealed class UsageTests(UsageTests.BehindProxy server) : IClassFixture<UsageTests.BehindProxy>
{
    [Fact]
    public async Task A_key_that_nobody_has_used()
    {
        var key = await server.CreateKeyAsync();

        Assert.Equal(
            $$"""
            {"key_id":"{{key.KeyId}}","last_used_at":null,"last_addresses":[],"secrets":[{"secret":"current","last_used_at":null,"accepted":0,"refused":0,"tried_since":null,"last_tried_at":null}],"days":[]}
            """,
            (await server.UsageAsync(key.KeyId)).GetRawText());
        await server.Operator.GetAsync("/api/admin/api-keys/k_000000000000/usage").ShouldBeProblemAsync(404, "not_found");
    }

    [Fact]
    public async Task Uses_are_counted_by_day_and_by_how_they_ended()
    {
        var key = await server.CreateKeyAsync(new { name = "A", scopes = new[] { "incidents:read" }, allowed_ips = new[] { "203.0.113.0/24" } });
        var first = server.Clock.GetUtcNow();
        await CallAsync(key.Value, times: 3);
        await CallAsync(key.Value, path: "/api/v1/search", status: 403);
        await CallAsync(key.Value, from: "198.51.100.1", status: 403);
        await CallAsync(Wrong(key), times: 2, status: 401);
        server.Clock.Advance(TimeSpan.FromDays(1));
        await CallAsync(key.Value);
        await server.EditAsync(key.KeyId, new { enabled = false });
        await CallAsync(key.Value, status: 401);

        var usage = await server.UsageAsync(key.KeyId);

        Assert.Equal(server.Clock.GetUtcNow(), usage.Instant("last_used_at"));
        Assert.Equal(
            $$$"""
            [{"date":"{{{first.AddDays(1):yyyy-MM-dd}}}","accepted":1,"refused":{"disabled_key":1}},{"date":"{{{first:yyyy-MM-dd}}}","accepted":3,"refused":{"insufficient_scope":1,"invalid_key":2,"ip_not_allowed":1}}]
            """,
            usage.GetProperty("days").GetRawText());
        var secret = usage.GetProperty("secrets").EnumerateArray().Single();
        Assert.Equal((4, 3), (secret.GetProperty("accepted").GetInt64(), secret.GetProperty("refused").GetInt64()));
    }

    [Fact]
    public async Task After_a_rotation_it_says_who_uses_the_old_secret_still_when_last_and_from_where()
    {
        var key = await server.CreateKeyAsync();
        await CallAsync(key.Value, times: 2);
        var rotated = await server.RotateAsync(key.KeyId);
        server.Clock.Advance(TimeSpan.FromHours(1));
        Assert.DoesNotContain(key.KeyId, await OnPreviousSecretAsync());

        await CallAsync(rotated.Text("api_key")!, from: "203.0.113.8");
        Assert.DoesNotContain(key.KeyId, await OnPreviousSecretAsync());
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        await CallAsync(key.Value, from: "203.0.113.9");
        var at = server.Clock.GetUtcNow();
        var usage = await server.UsageAsync(key.KeyId);

        Assert.Equal(("current", 1, null), Secret(usage, 0));
        Assert.Equal(("previous", 3, null), Secret(usage, 1)); // with what it was used for while it was the current one
        Assert.Equal(at, usage.GetProperty("secrets")[1].Instant("last_used_at"));
        Assert.Equal(("203.0.113.8", "current", at.AddMinutes(-1)), Address(usage, 0));
        Assert.Equal(("203.0.113.9", "previous", at), Address(usage, 1));
        Assert.Contains(key.KeyId, await OnPreviousSecretAsync());
        Assert.Equal(at, (await server.GetKeyAsync(key.KeyId)).Instant("previous_key_last_used_at"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public async Task An_ended_secret_is_refused_counted_and_shown_and_the_new_one_goes_on(int graceDays)
    {
        var key = await server.CreateKeyAsync();
        await CallAsync(key.Value);
        var rotated = await server.RotateAsync(key.KeyId, new { grace_period_days = graceDays });
        server.Clock.Advance(TimeSpan.FromDays(graceDays));
        var since = server.Clock.GetUtcNow();
        await CallAsync(key.Value, from: "203.0.113.9", times: 3, status: 401);
        server.Clock.Advance(TimeSpan.FromDays(1));
        await CallAsync(key.Value, from: "203.0.113.9", status: 401);
        await CallAsync(rotated.Text("api_key")!);

        var usage = await server.UsageAsync(key.KeyId);

        Assert.Equal(("current", 1, null), Secret(usage, 0));
        Assert.Equal(("previous", 1, since), Secret(usage, 1));
        Assert.Equal(since.AddDays(1), usage.GetProperty("secrets")[1].Instant("last_tried_at"));
        Assert.Equal(4, usage.GetProperty("secrets")[1].GetProperty("refused").GetInt32());
        Assert.Contains(("203.0.113.9", "previous", since.AddDays(1)), Enumerable.Range(0, 2).Select(i => Address(usage, i)));
        Assert.DoesNotContain(key.KeyId, await OnPreviousSecretAsync());
    }

    [Fact]
    public async Task What_was_counted_stays_with_its_secret_through_rotations()
    {
        var key = await server.CreateKeyAsync();
        await CallAsync(key.Value, times: 5);
        var second = (await server.RotateAsync(key.KeyId)).Text("api_key")!;
        await CallAsync(second, times: 3);
        var third = (await server.RotateAsync(key.KeyId)).Text("api_key")!;
        await CallAsync(third);
        await CallAsync(key.Value, status: 401); // two rotations ago: no secret of the key any more

        var usage = await server.UsageAsync(key.KeyId);

        Assert.Equal(("current", 1, null), Secret(usage, 0));
        Assert.Equal(("previous", 3, null), Secret(usage, 1));
        Assert.Equal(9, usage.GetProperty("days")[0].GetProperty("accepted").GetInt32());
    }

    [Fact]
    public async Task The_last_few_addresses_are_kept_each_once()
    {
        var key = await server.CreateKeyAsync();
        for (var i = 1; i <= 12; i++)
        {
            server.Clock.Advance(TimeSpan.FromSeconds(1));
            await CallAsync(key.Value, from: $"203.0.113.{i}");
            if (i % 3 == 0)
                await server.FlushUsageAsync();
        }

        server.Clock.Advance(TimeSpan.FromSeconds(1));
        await CallAsync(key.Value, from: "203.0.113.3"); // again
        var usage = await server.UsageAsync(key.KeyId);

        Assert.Equal(
            ["203.0.113.3", "203.0.113.12", "203.0.113.11", "203.0.113.10", "203.0.113.9"],
            usage.GetProperty("last_addresses").EnumerateArray().Select(use => use.Text("address")));
        Assert.Equal(5, (await server.QuerySqlAsync<long>(
            $"select count(*) as \"Value\" from key_usage_addresses join api_keys on id = api_key_id where key_id = {key.KeyId}")).Single());
    }

    [Fact]
    public async Task Addresses_of_secrets_that_the_key_has_no_more_are_forgotten()
    {
        var key = await server.CreateKeyAsync();
        await CallAsync(key.Value, from: "203.0.113.1");
        await server.FlushUsageAsync();
        await server.RotateAsync(key.KeyId);
        var last = (await server.RotateAsync(key.KeyId)).Text("api_key")!;
        await CallAsync(last, from: "203.0.113.2");

        Assert.Equal(["203.0.113.2"], (await server.UsageAsync(key.KeyId)).GetProperty("last_addresses").EnumerateArray().Select(use => use.Text("address")));
        Assert.Equal(["203.0.113.2"], await server.QuerySqlAsync<string>(
            $"select address as \"Value\" from key_usage_addresses join api_keys on id = api_key_id where key_id = {key.KeyId}"));
    }

    [Fact]
    public async Task Days_are_kept_as_long_as_the_options_say()
    {
        var key = await server.CreateKeyAsync();
        for (var day = 0; day < 40; day += 10)
        {
            await CallAsync(key.Value);
            server.Clock.Advance(TimeSpan.FromDays(10));
        }

        await server.FlushUsageAsync();
        await server.Services.GetRequiredService<UsageWriter>().PruneAsync(default);

        Assert.Equal(2, (await server.UsageAsync(key.KeyId)).GetProperty("days").GetArrayLength()); // of 20 and of 10 days ago
    }

    /// <summary>It changes the hash and knows of no numbers.</summary>
    [Fact]
    public async Task A_rotation_by_an_earlier_version_of_the_host_is_one_too()
    {
        var key = await server.CreateKeyAsync();
        await CallAsync(key.Value, times: 3);
        await server.ExecuteSqlAsync(
            $"update api_keys set previous_hash = secret_hash, previous_salt = secret_salt, previous_expires_at = '2099-01-01', expires_at = null, secret_hash = sha256('x'), last_rotated_at = '2026-03-27', version = version + 1 where key_id = {key.KeyId}");
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        await CallAsync(key.Value);

        var usage = await server.UsageAsync(key.KeyId);

        Assert.Equal(("current", 0, null), Secret(usage, 0));
        Assert.Equal(("previous", 4, null), Secret(usage, 1));
    }

    [Fact]
    public async Task Uses_of_a_key_that_is_gone_stand_in_nobodys_way()
    {
        var (key, gone) = (await server.CreateKeyAsync(), await server.CreateKeyAsync());
        await CallAsync(key.Value);
        await CallAsync(gone.Value);
        await server.ExecuteSqlAsync($"delete from api_keys where key_id = {gone.KeyId}");

        Assert.NotNull((await server.UsageAsync(key.KeyId)).Instant("last_used_at"));
    }

    private async Task CallAsync(string value, string path = "/api/v1/incidents", string from = "203.0.113.7", int times = 1, int status = 200)
    {
        using var client = server.CreateClient(value);
        for (var i = 0; i < times; i++)
        {
            using var answer = await client.SendWithAsync(HttpMethod.Get, path, "X-Forwarded-For", from);
            Assert.Equal(status, (int)answer.StatusCode);
        }
    }

    private async Task<IEnumerable<string?>> OnPreviousSecretAsync()
    {
        await server.FlushUsageAsync();
        return (await server.ListAsync("?on_previous_secret=true")).GetProperty("api_keys").EnumerateArray().Select(row => row.Text("key_id"));
    }

    /// <summary>Another secret under the same key id.</summary>
    private static string Wrong(IssuedKey key) => ApiKeyValue.Generate("sk", KeyEnvironment.Live, key.KeyId).Reveal();

    private static (string? Secret, int Accepted, DateTimeOffset? TriedSince) Secret(JsonElement usage, int place)
    {
        var secret = usage.GetProperty("secrets")[place];
        return (secret.Text("secret"), secret.GetProperty("accepted").GetInt32(), secret.Instant("tried_since"));
    }

    private static (string? Address, string? Secret, DateTimeOffset? At) Address(JsonElement usage, int place)
    {
        var use = usage.GetProperty("last_addresses")[place];
        return (use.Text("address"), use.Text("secret"), use.Instant("at"));
    }

    public sealed class BehindProxy : KestrelTestServer
    {
        protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
        {
            ["TrustedProxies:0"] = "127.0.0.1",
            ["Usage:RetentionDays"] = "25",
        };
    }
}
