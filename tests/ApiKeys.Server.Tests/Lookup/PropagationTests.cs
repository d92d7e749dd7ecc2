using System.Net.Http.Json;
using System.Text.Json;
using ApiKeys.Server.Http;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Lookup;

/// <summary>What is answered while a node does not say that it knows: here one that has died, and left the row of its lease.</summary>
public sealed class PropagationTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Keys = "/api/admin/api-keys";

    [Fact]
    public async Task A_revoke_waits_until_the_lease_of_a_dead_node_has_ended()
    {
        var key = await server.CreateKeyAsync();
        await LeaveDeadNodeAsync(leaseMilliseconds: 300);

        var propagation = (await server.RevokeAsync(key.KeyId)).GetProperty("propagation");

        Assert.Equal(2, propagation.GetProperty("nodes").GetInt32());
        Assert.Equal(1, propagation.GetProperty("confirmed").GetInt32());
        Assert.InRange(propagation.GetProperty("elapsed_ms").GetInt64(), 300, 5_000);
        Assert.Equal(1, await NodesAsync());
    }

    [Fact]
    public async Task Who_prefers_not_to_wait_is_told_when_it_will_be_over_and_may_ask_again()
    {
        var key = await server.CreateKeyAsync();
        await LeaveDeadNodeAsync(leaseMilliseconds: 500);

        using var first = await SendAsync(HttpMethod.Delete, $"{Keys}/{key.KeyId}", prefer: "wait=0");
        var pending = await first.ReadJsonAsync(202);
        Assert.Equal("wait=0", Assert.Single(first.Headers.GetValues("Preference-Applied")));
        Assert.Equal((key.KeyId, "revoked"), (pending.Text("key_id"), pending.Text("status")));
        Assert.Equal(2, pending.GetProperty("propagation").GetProperty("nodes").GetInt32());
        Assert.InRange(pending.GetProperty("propagation").GetProperty("confirmed").GetInt32(), 0, 1);
        Assert.InRange(pending.Instant("effective_by")!.Value - server.Clock.GetUtcNow(), TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(11));

        using var second = await SendAsync(HttpMethod.Delete, $"{Keys}/{key.KeyId}", prefer: "wait=20");
        var done = await second.ReadJsonAsync(200);
        Assert.False(done.TryGetProperty("effective_by", out _));
        Assert.Equal(1, done.GetProperty("propagation").GetProperty("confirmed").GetInt32());
    }

    [Fact]
    public async Task Every_answer_to_a_change_says_so_and_loses_nothing()
    {
        var key = await server.CreateKeyAsync();
        var member = await server.AddMemberAsync("somebody@example.com");
        await LeaveDeadNodeAsync(leaseMilliseconds: 60_000);

        using var edited = await SendAsync(HttpMethod.Patch, $"{Keys}/{key.KeyId}", prefer: "wait=0", new { name = "Another" });
        var row = await edited.ReadJsonAsync(202);
        Assert.Equal("Another", row.Text("name"));
        Assert.NotNull(row.Instant("effective_by"));
        Assert.NotNull(edited.Headers.ETag);

        var header = $"{Guid.CreateVersion7(server.Clock.GetUtcNow())}";
        using var rotated = await SendAsync(HttpMethod.Post, $"{Keys}/{key.KeyId}/rotate", prefer: "wait=0", new { }, header);
        var value = (await rotated.ReadJsonAsync(202)).Text("api_key")!;
        using var again = await SendAsync(HttpMethod.Post, $"{Keys}/{key.KeyId}/rotate", prefer: "wait=0", new { }, header);
        Assert.Equal(value, (await again.ReadJsonAsync(202)).Text("api_key"));
        Assert.Equal("true", Assert.Single(again.Headers.GetValues("Idempotent-Replayed")));
        Assert.True(again.Headers.CacheControl!.NoStore);

        using var removed = await SendAsync(HttpMethod.Delete, $"/api/admin/members/{member}", prefer: "wait=0");
        Assert.Equal(["propagation", "effective_by"], (await removed.ReadJsonAsync(202)).EnumerateObject().Select(m => m.Name));

        await server.ExecuteSqlAsync($"delete from node_leases where host = 'gone'");
        using var known = await SendAsync(HttpMethod.Post, $"{Keys}/{key.KeyId}/rotate", prefer: null, new { }, header);
        Assert.Equal(value, (await known.ReadJsonAsync(200)).Text("api_key"));
    }

    [Fact]
    public async Task A_refusal_waits_for_nobody()
    {
        var key = await server.CreateKeyAsync();
        await LeaveDeadNodeAsync(leaseMilliseconds: 60_000);

        await server.Operator.PatchAsJsonAsync($"{Keys}/{key.KeyId}", new { name = "" }).ShouldBeProblemAsync(400, "validation_failed");
        await server.CreateKeyAsync(); // nor does what adds a key

        await server.ExecuteSqlAsync($"delete from node_leases where host = 'gone'");
    }

    /// <summary>By the very call that is repeated, perhaps, since its answer was lost.</summary>
    [Fact]
    public async Task That_something_is_gone_already_is_said_when_it_is_true_everywhere()
    {
        var member = await server.AddMemberAsync("leaves@example.com");
        await LeaveDeadNodeAsync(leaseMilliseconds: 600);
        using var first = await SendAsync(HttpMethod.Delete, $"/api/admin/members/{member}", prefer: "wait=0");
        Assert.Equal(202, (int)first.StatusCode);

        await server.Operator.DeleteAsync($"/api/admin/members/{member}").ShouldBeProblemAsync(404, "not_found");

        Assert.Equal(1, await NodesAsync());
    }

    [Theory]
    [InlineData("wait=5", 5)]
    [InlineData("respond-async, wait=10", 10)]
    [InlineData("WAIT = \"7\"", 7)]
    [InlineData("respond-async; foo=bar, wait=0", 0)]
    [InlineData("wait", null)]
    [InlineData("wait=-1", null)]
    [InlineData("wait=soon", null)]
    [InlineData("wait=99999999999", null)]
    [InlineData("respond-async", null)]
    [InlineData("", null)]
    public void The_header_is_read_as_RFC_7240_writes_it(string header, int? seconds) =>
        Assert.Equal(seconds, KnownEverywhere.PatienceOf(header)?.TotalSeconds);

    /// <summary>SQL of its own, since the server's would wait for it.</summary>
    private async Task LeaveDeadNodeAsync(int leaseMilliseconds) => await server.QuerySqlAsync<int>(
        $"""
        insert into node_leases (id, beat, acked, lease_milliseconds, host, registered_at)
        values (gen_random_uuid(), 1, 0, {leaseMilliseconds}, 'gone', clock_timestamp()) returning 1 as "Value"
        """);

    private async Task<int> NodesAsync() =>
        (await server.QuerySqlAsync<int>($"select count(*)::int as \"Value\" from node_leases")).Single();

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? prefer, object? body = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (prefer is not null)
            request.Headers.Add("Prefer", prefer);

        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);

        if (body is not null)
            request.Content = JsonContent.Create(body, options: JsonSerializerOptions.Web);

        return await server.Operator.SendAsync(request);
    }
}
