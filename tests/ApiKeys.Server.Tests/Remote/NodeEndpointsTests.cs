using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Security.Cryptography;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace ApiKeys.Server.Tests.Remote;

/// <summary>The lease protocol by HTTP, at the service.</summary>
public sealed class NodeEndpointsTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_lease_is_registered_renewed_and_given_up()
    {
        var key = await server.CreateKeyAsync(new { name = "An API", roles = new[] { "verifier" } });
        using var client = server.CreateClient(key.Value);
        var lease = NewLease();

        await RegisterAsync(client, lease, milliseconds: 5_000);
        using var renewed = await client.PostAsJsonAsync($"/api/v1/nodes/{lease}/renewals", new LeaseRenewal(Beat: 1, Acked: 0, AckedAt: null), LeaseJson.Default.LeaseRenewal);
        var renewal = (await renewed.Content.ReadFromJsonAsync(LeaseJson.Default.Renewal))!;
        Assert.Equal(2, renewal.Beat);
        Assert.Equal(TimeSpan.FromSeconds(5), (await RowAsync(lease))!.Length);

        await server.ExecuteSqlWithoutWaitingAsync($"update api_keys set enabled = false where key_id = {key.KeyId}");
        using var left = await client.DeleteAsync($"/api/v1/nodes/{lease}");
        Assert.Equal(HttpStatusCode.NoContent, left.StatusCode);
        Assert.Null(await RowAsync(lease));
        await server.ExecuteSqlWithoutWaitingAsync($"update api_keys set enabled = true where key_id = {key.KeyId}");
        await Eventually.AnswersAsync(
            404, () => client.PostAsJsonAsync($"/api/v1/nodes/{lease}/renewals", new LeaseRenewal(2, 0, null), LeaseJson.Default.LeaseRenewal));
    }

    [Fact]
    public async Task What_is_read_of_the_log_can_be_acknowledged_to_the_microsecond()
    {
        var (client, lease) = (await CreateVerifierAsync(), NewLease());
        await RegisterAsync(client, lease, milliseconds: 10_000);
        var before = (await ReadLogAsync(client, from: 0)).Head;
        await client.PostAsJsonAsync($"/api/v1/nodes/{lease}/renewals", new LeaseRenewal(1, before, null), LeaseJson.Default.LeaseRenewal);
        await server.ExecuteSqlWithoutWaitingAsync($"update api_keys set name = 'Renamed' where key_id = {server.OperatorKey.KeyId}");

        var entry = (await ReadLogAsync(client, from: before + 1)).Entries.Single();
        using var acknowledged = await AcknowledgeAsync(client, lease, entry.Seq, entry.At);
        Assert.Equal(HttpStatusCode.NoContent, acknowledged.StatusCode);
        await AcknowledgeAsync(client, lease, entry.Seq, entry.At.AddMicroseconds(1)).ShouldBeProblemAsync(409, "conflict");

        using var left = await client.DeleteAsync($"/api/v1/nodes/{lease}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(10_001)]
    public async Task A_lease_longer_than_the_services_own_is_refused(int milliseconds)
    {
        var (client, lease) = (await CreateVerifierAsync(), NewLease());

        await client.PutAsJsonAsync($"/api/v1/nodes/{lease}", new LeaseRegistration(milliseconds), LeaseJson.Default.LeaseRegistration)
            .ShouldBeInvalidAsync("milliseconds");

        Assert.Null(await RowAsync(lease));
    }

    [Fact]
    public async Task Everything_but_giving_up_takes_the_scope()
    {
        var key = await server.CreateKeyAsync("incidents:read");
        using var client = server.CreateClient(key.Value);
        var lease = NewLease();
        (HttpMethod Method, string Path)[] calls =
        [
            (HttpMethod.Put, $"{lease}"), (HttpMethod.Post, $"{lease}/renewals"), (HttpMethod.Post, $"{lease}/acknowledgements"),
            (HttpMethod.Get, "log?from=0&limit=1"), (HttpMethod.Get, "events"), (HttpMethod.Post, "uses"),
        ];
        foreach (var (method, path) in calls)
        {
            using var request = new HttpRequestMessage(method, $"/api/v1/nodes/{path}") { Content = method == HttpMethod.Get ? null : JsonContent.Create(new { }) };
            await client.SendAsync(request).ShouldBeProblemAsync(
                403, "insufficient_scope", "API key does not have the required scope: api-keys:verify", "Bearer error=\"insufficient_scope\", scope=\"api-keys:verify\"");
        }
    }

    [Fact]
    public async Task The_stream_begins_with_the_length_of_a_lease_and_tells_of_each_change()
    {
        using var client = await CreateVerifierAsync();
        await using var events = await OpenAsync(client);
        Assert.Equal((LeaseCalls.HelloEvent, "10"), (events.Current.EventType, events.Current.Data));

        var key = await server.CreateKeyAsync();
        await server.RevokeAsync(key.KeyId);
        while (await events.MoveNextAsync() && !events.Current.Data.Contains(key.KeyId, StringComparison.Ordinal))
            Assert.NotEqual(LeaseCalls.HelloEvent, events.Current.EventType);

        Assert.Equal(key.KeyId, InvalidationPayload.TryParse(events.Current.Data)!.Target);
    }

    [Fact]
    public async Task The_stream_ends_when_the_callers_key_is_revoked()
    {
        var key = await server.CreateKeyAsync(new { name = "Short-lived", roles = new[] { "verifier" } });
        using var client = server.CreateClient(key.Value);
        await using var events = await OpenAsync(client);

        await server.RevokeAsync(key.KeyId);
        await server.RevokeAsync((await server.CreateKeyAsync()).KeyId); // what it may not hear of

        var heard = 0;
        while (await events.MoveNextAsync())
            heard += events.Current.Data.Length > 0 ? 1 : 0;

        Assert.InRange(heard, 0, 1);
    }

    /// <summary>A change that is not told is found at the next renewal only, and a revoke waits so long.</summary>
    [Fact]
    public async Task The_stream_tells_of_a_change_after_it_had_nothing_to_tell_for_a_while()
    {
        using var client = await CreateVerifierAsync();
        var key = await server.CreateKeyAsync();
        await using var events = await OpenAsync(client);
        while (events.Current.EventType != LeaseCalls.BeatEvent)
            Assert.True(await events.MoveNextAsync());

        await server.RevokeAsync(key.KeyId);
        Assert.True(await events.MoveNextAsync());

        Assert.Equal(LeaseCalls.EntryEvent, events.Current.EventType);
    }

    [Fact]
    public async Task The_stream_ends_when_the_callers_key_loses_the_scope()
    {
        var key = await server.CreateKeyAsync(new { name = "Demoted", roles = new[] { "verifier" } });
        using var client = server.CreateClient(key.Value);
        await using var events = await OpenAsync(client);

        await server.EditAsync(key.KeyId, new { roles = Array.Empty<string>(), scopes = new[] { "incidents:read" } });
        var other = await server.CreateKeyAsync();
        await server.RevokeAsync(other.KeyId);

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await events.MoveNextAsync().AsTask().WaitAsync(patience.Token))
            Assert.DoesNotContain(other.KeyId, events.Current.Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_uses_that_are_refused_none_is_counted()
    {
        using var client = await CreateVerifierAsync();
        var key = await server.CreateKeyAsync();
        using var content = new StringContent(
            $$"""[{"key_id": "{{key.KeyId}}", "secret_number": 1, "outcome": 0, "uses": 7}, {"key_id": "nobody", "secret_number": 1, "outcome": 0, "uses": 1}]""",
            mediaType: new("application/json"));

        using var answer = await client.PostAsync("/api/v1/nodes/uses", content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty((await server.UsageAsync(key.KeyId)).GetProperty("days").EnumerateArray());
    }

    [Fact]
    public async Task Uses_that_are_no_json_are_refused()
    {
        using var client = await CreateVerifierAsync();
        using var content = new StringContent("[]", mediaType: new("text/plain"));

        using var answer = await client.PostAsync("/api/v1/nodes/uses", content);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    /// <summary>PUT may be sent again by whatever stands between.</summary>
    [Fact]
    public async Task A_lease_that_is_registered_twice_is_no_error_of_the_service()
    {
        var (client, lease) = (await CreateVerifierAsync(), NewLease());
        await RegisterAsync(client, lease, milliseconds: 5_000);

        using var again = await client.PutAsJsonAsync($"/api/v1/nodes/{lease}", new LeaseRegistration(5_000), LeaseJson.Default.LeaseRegistration);
        using var left = await client.DeleteAsync($"/api/v1/nodes/{lease}");

        Assert.InRange((int)again.StatusCode, 200, 499);
    }

    [Fact]
    public async Task A_time_of_another_zone_is_no_error_of_the_service()
    {
        var (client, lease) = (await CreateVerifierAsync(), NewLease());
        await RegisterAsync(client, lease, milliseconds: 5_000);

        using var renewed = await client.PostAsJsonAsync(
            $"/api/v1/nodes/{lease}/renewals", new LeaseRenewal(1, 0, DateTimeOffset.UnixEpoch.ToOffset(TimeSpan.FromHours(2))), LeaseJson.Default.LeaseRenewal);
        using var left = await client.DeleteAsync($"/api/v1/nodes/{lease}");

        Assert.InRange((int)renewed.StatusCode, 200, 499);
    }

    [Fact]
    public async Task Nothing_of_the_protocol_may_be_cached()
    {
        using var client = await CreateVerifierAsync();

        using var answer = await client.GetAsync("/api/v1/nodes/log?from=0&limit=1");

        Assert.True(answer.Headers.CacheControl?.NoStore);
    }

    /// <summary>The lease's id stands in paths, which are logged: who reads logs must not be able to end what others rest on.</summary>
    [Fact]
    public async Task A_lease_cannot_be_given_up_renewed_or_acknowledged_with_another_key()
    {
        var (client, other, lease) = (await CreateVerifierAsync(), await CreateVerifierAsync(), NewLease());
        await RegisterAsync(client, lease, milliseconds: 10_000);

        using var renewed = await other.PostAsJsonAsync($"/api/v1/nodes/{lease}/renewals", new LeaseRenewal(1, 0, null), LeaseJson.Default.LeaseRenewal);
        using var left = await server.CreateClient().DeleteAsync($"/api/v1/nodes/{lease}");

        Assert.Equal(HttpStatusCode.NotFound, renewed.StatusCode);
        Assert.NotNull(await RowAsync(lease));
    }

    [Theory]
    [InlineData("""[{"key_id": "nobody", "secret_number": 1, "outcome": 0, "uses": 1}]""")]
    [InlineData("""[{"key_id": "k_7Fq2mZ81xY4c", "secret_number": 1, "outcome": 99, "uses": 1}]""")]
    [InlineData("""[{"key_id": "k_7Fq2mZ81xY4c", "secret_number": 1, "outcome": 0, "uses": 0}]""")]
    [InlineData("[null]")]
    [InlineData("{")]
    public async Task Uses_that_mean_nothing_are_refused(string body)
    {
        using var client = await CreateVerifierAsync();
        using var content = new StringContent(body, mediaType: new("application/json"));

        using var answer = await client.PostAsync("/api/v1/nodes/uses", content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    /// <summary>Else a tenant reads of everybody's changes, counts uses for everybody's keys, and holds up everybody's revokes.</summary>
    [Fact]
    public async Task An_administrator_of_an_organization_cannot_make_a_node()
    {
        await server.AddOrganizationAsync("tenant");
        var boss = await server.AddAdministratorAsync("tenant");
        using var client = server.CreateClient(boss.Value);

        using var made = await client.PostAsJsonAsync("/api/admin/api-keys", new { name = "An API", roles = new[] { "verifier" } });

        Assert.Equal(HttpStatusCode.Forbidden, made.StatusCode);
    }

    private async Task<HttpClient> CreateVerifierAsync() =>
        server.CreateClient((await server.CreateKeyAsync(new { name = "An API", roles = new[] { "verifier" } })).Value);

    private static Guid NewLease() => new(RandomNumberGenerator.GetBytes(16));

    private async Task<LeaseSeen?> RowAsync(Guid lease) =>
        (await server.Services.GetRequiredService<IClusterStore>().LookAsync(default)).Leases.SingleOrDefault(row => row.Id == lease);

    private static async Task RegisterAsync(HttpClient client, Guid lease, int milliseconds)
    {
        using var answer = await client.PutAsJsonAsync($"/api/v1/nodes/{lease}", new LeaseRegistration(milliseconds), LeaseJson.Default.LeaseRegistration);
        Assert.InRange((await answer.Content.ReadFromJsonAsync(LeaseJson.Default.RegisteredLease))!.DatabaseTime, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue);
    }

    private static async Task<InvalidationLog> ReadLogAsync(HttpClient client, long from) =>
        (await client.GetFromJsonAsync($"/api/v1/nodes/log?from={from}&limit=100", LeaseJson.Default.InvalidationLog))!;

    private static Task<HttpResponseMessage> AcknowledgeAsync(HttpClient client, Guid lease, long seq, DateTimeOffset at) => client.PostAsJsonAsync(
        $"/api/v1/nodes/{lease}/acknowledgements", new AppliedEntry(Beat: 1, seq, at), LeaseJson.Default.AppliedEntry);

    /// <summary>After its first event.</summary>
    private static async Task<IAsyncEnumerator<SseItem<string>>> OpenAsync(HttpClient client)
    {
        var response = await client.GetAsync("/api/v1/nodes/events", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var events = SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync().GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());
        return events;
    }
}
