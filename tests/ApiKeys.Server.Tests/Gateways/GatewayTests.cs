using System.Net;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Gateways;

/// <summary>What every gateway does that runs its recipe: nothing falls open, and who it is, only the service says.</summary>
public abstract class GatewayTests(GatewaySite site)
{
    private static readonly string[] Told = ["X-ApiKeys-Key-Id", "X-ApiKeys-Organization", "X-ApiKeys-Owner", "X-ApiKeys-Scopes"];

    protected GatewaySite Site => site;

    [Theory]
    [InlineData("X-API-Key", "")]
    [InlineData("Authorization", "Bearer ")]
    public async Task The_API_is_told_who_it_is_and_not_by_the_client(string header, string scheme)
    {
        var key = await site.Server.CreateKeyAsync();

        var call = await site.CallAsync(
            null, "/api/v1/incidents?severity=high&q=a%2Fb", [(header, scheme + key.Value), .. Told.Select(name => (name, "forged"))]);

        var arrived = call.ShouldArrive();
        Assert.Equal(("GET", "/api/v1/incidents?severity=high&q=a%2Fb"), (arrived.Method, arrived.Target));
        Assert.Equal([key.KeyId, "default", "admin@example.com", "incidents:read"], Told.Select(arrived.Header));
    }

    [Fact]
    public async Task Where_there_is_nothing_to_tell_nothing_is_told()
    {
        await site.Server.AddOrganizationAsync("ownerless");
        var key = await site.Server.CreateKeyAsync(new { name = "A", scopes = new[] { "incidents:read" }, organization = "ownerless" });

        var arrived = (await site.CallAsync(key.Value, headers: [.. Told.Select(name => (name, "forged"))])).ShouldArrive();

        Assert.Equal([key.KeyId, "ownerless", "", "incidents:read"], Told.Select(arrived.Header));
    }

    [Fact]
    public async Task What_some_APIs_take_for_the_same_headers_does_not_pass()
    {
        var key = await site.Server.CreateKeyAsync();

        foreach (var name in new[] { "X_ApiKeys_Owner", "x_apikeys_key_id", "X-ApiKeys_Owner", "X_ApiKeys-Scopes" })
        {
            var call = await site.CallAsync(key.Value, headers: (name, "forged"));
            Assert.DoesNotContain("forged", call.Arrived.SelectMany(arrived => arrived.Headers.Values));
        }
    }

    [Fact]
    public async Task A_client_that_names_them_in_Connection_does_not_take_them_away()
    {
        var key = await site.Server.CreateKeyAsync();
        using var request = GatewaySite.Request(HttpMethod.Get, key.Value, "/api/v1/incidents");
        foreach (var name in (string[])[.. Told, "X-Forwarded-For", "X-Forwarded-Uri", "X-Original-URI"])
            request.Headers.Connection.Add(name);

        var arrived = (await site.SendAsync(request)).ShouldArrive();

        Assert.Equal([key.KeyId, "default", "admin@example.com", "incidents:read"], Told.Select(arrived.Header));
        Assert.DoesNotContain("ApiKeys", arrived.Header("Connection"), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("X-API-Key", "")]
    [InlineData("Authorization", "Bearer ")]
    public async Task The_key_goes_no_further_unless_the_recipe_is_told_so(string header, string scheme)
    {
        var key = await site.Server.CreateKeyAsync();
        await using var passing = await site.StartAsync(recipe => recipe.PassingTheKeyOn());

        var kept = (await site.CallAsync(null, headers: (header, scheme + key.Value))).ShouldArrive();
        var passed = (await site.SendAsync(GatewaySite.Request(HttpMethod.Get, null, "/api/v1/incidents", (header, scheme + key.Value)), passing)).ShouldArrive();

        Assert.DoesNotContain(kept.Headers, arrived => arrived.Value.Contains(key.Value, StringComparison.Ordinal));
        Assert.Equal(scheme + key.Value, passed.Header(header));
    }

    [Fact]
    public async Task A_revoked_key_is_refused_the_very_next_time()
    {
        using var client = new HttpClient();
        for (var i = 0; i < 20; i++)
        {
            var key = await site.Server.CreateKeyAsync();
            (await site.SendAsync(client, GatewaySite.Request(HttpMethod.Get, key.Value, "/api/v1/incidents"))).ShouldArrive();
            (await site.SendAsync(client, GatewaySite.Request(HttpMethod.Get, key.Value, "/api/v1/incidents"))).ShouldArrive();

            await site.Server.RevokeAsync(key.KeyId);

            (await site.SendAsync(client, GatewaySite.Request(HttpMethod.Get, key.Value, "/api/v1/incidents"))).ShouldBeRefused(401);
        }
    }

    [Fact]
    public async Task A_new_scope_opens_the_very_next_time_and_one_that_is_taken_away_does_not()
    {
        var key = await site.Server.CreateKeyAsync();
        (await site.CallAsync(key.Value, "/api/v1/search")).ShouldBeRefused(403);

        await site.Server.EditAsync(key.KeyId, new { scopes = new[] { "search:read" } });

        (await site.CallAsync(key.Value, "/api/v1/search")).ShouldArrive();
        (await site.CallAsync(key.Value)).ShouldBeRefused(403);
    }

    [Fact]
    public async Task Requests_at_once_are_not_mixed_up()
    {
        var keys = new List<IssuedKey>();
        for (var i = 0; i < 10; i++)
            keys.Add(await site.Server.CreateKeyAsync());

        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = 20 };
        using var client = new HttpClient(handler) { BaseAddress = site.Gateway.Address };
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            var key = keys[i % keys.Count];
            using var request = GatewaySite.Request(HttpMethod.Get, i % 3 == 0 ? "garbage" : key.Value, $"/api/v1/incidents/{key.KeyId}");
            using var answer = await client.SendAsync(request);
            Assert.Equal(i % 3 == 0 ? 401 : 200, (int)answer.StatusCode);
        }));

        Assert.All(site.Upstream.TakeArrived(), arrived => Assert.EndsWith(arrived.Header("X-ApiKeys-Key-Id"), arrived.Target, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_arrives_whole_and_may_be_larger_than_the_service_takes(bool isChunked)
    {
        var key = await site.Server.CreateKeyAsync("investigations:write");
        var body = new byte[300_000];
        Array.Fill(body, (byte)'a');
        using var request = GatewaySite.Request(HttpMethod.Post, key.Value, "/api/v1/investigations/start");
        request.Content = Body.Bytes(body, "text/csv; charset=iso-8859-1");
        request.Headers.TransferEncodingChunked = isChunked;

        var arrived = (await site.SendAsync(request)).ShouldArrive();

        Assert.Equal(("POST", "text/csv; charset=iso-8859-1"), (arrived.Method, arrived.Header("Content-Type")));
        Assert.Equal(body, arrived.Body);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task What_the_API_refuses_for_reasons_of_its_own_it_says_itself(int status)
    {
        var key = await site.Server.CreateKeyAsync();

        var answer = (await site.CallAsync(key.Value, $"/api/v1/incidents?refuse={status}")).Answer;

        Assert.Equal(
            (status, $"No: {status}", "text/plain", "77"),
            ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Content.Headers.ContentType?.MediaType, $"{answer.Headers.RetryAfter}"));
        Assert.Equal("Basic realm=\"api\"", Assert.Single(answer.Headers.WwwAuthenticate).ToString());
    }

    [Theory]
    [InlineData("GET", "/api/v1/incidents", "HEAD", 200)]
    [InlineData("GET", "/api/v1/incidents", "DELETE", 403)]
    [InlineData("GET", "/api/v1/incidents", "POST", 403)]
    [InlineData("GET", "/api/v1/incidents", "PROPFIND", 403)]
    [InlineData("POST", "/api/v1/investigations/start", "GET", 403)]
    public async Task The_method_is_the_clients_own(string opened, string path, string method, int status)
    {
        var key = await site.Server.CreateKeyAsync(opened == "GET" ? "incidents:read" : "investigations:write");

        var call = await site.SendAsync(GatewaySite.Request(new HttpMethod(method), key.Value, path));

        if (status == 200)
            Assert.Equal(method, call.ShouldArrive().Method);
        else
            call.ShouldBeRefused(status, 405);
    }

    [Fact]
    public async Task A_client_that_says_it_asks_for_something_else_is_not_believed_by_anybody()
    {
        var key = await site.Server.CreateKeyAsync();
        (string, string)[] saying(string method, string path) =>
        [
            ("X-Original-Method", method), ("X-Original-URI", path), ("X-Original-URL", path), ("X-Rewrite-URL", path),
            ("X-Forwarded-Method", method), ("X-Forwarded-Uri", path),
            ("X-HTTP-Method", method), ("X-HTTP-Method-Override", method), ("X-Method-Override", method),
        ];

        (await site.CallAsync(key.Value, "/api/v1/search", saying("GET", "/api/v1/incidents"))).ShouldBeRefused(403);
        var arrived = (await site.CallAsync(key.Value, "/api/v1/incidents", saying("DELETE", "/api/v1/search"))).ShouldArrive();

        Assert.DoesNotContain(saying("", ""), header => arrived.Headers.ContainsKey(header.Item1));
    }

    [Fact]
    public async Task A_path_opens_nothing_that_somebody_might_read_in_it()
    {
        var key = await site.Server.CreateKeyAsync();
        foreach (var path in PathTricks.All)
        {
            var call = await site.CallAsync(key.Value, path);

            Assert.True(call.Arrived.Count == 1 ? call.Status == 200 : call.Status is >= 400 and < 500, $"{call.Status} for {path}");
            foreach (var reading in call.Arrived.SelectMany(arrived => PathTricks.Readings(arrived.Target)))
                Assert.True(PathTricks.IsIncident(reading), $"{path} may be read as {reading}");
        }
    }

    [Theory]
    [InlineData("/api/v1/incidents", true)]
    [InlineData("/api/v1/search", false)]
    public async Task A_whole_address_in_the_request_line_is_no_other_path(string path, bool isOpen)
    {
        var key = await site.Server.CreateKeyAsync();
        using var handler = new SocketsHttpHandler { Proxy = new WebProxy(site.Gateway.Address) };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://elsewhere.example" + path) { Headers = { { "X-API-Key", key.Value } } };

        site.Upstream.TakeArrived();
        using var answer = await client.SendAsync(request);
        var arrived = site.Upstream.TakeArrived();

        if (isOpen && answer.IsSuccessStatusCode)
            Assert.EndsWith(path, Assert.Single(arrived).Target, StringComparison.Ordinal);
        else
            new Call(answer, arrived).ShouldBeRefused(400, 403);
    }

    [Fact]
    public async Task Two_keys_are_refused_as_a_mistake()
    {
        var (one, other) = (await site.Server.CreateKeyAsync(), await site.Server.CreateKeyAsync());

        var call = await site.CallAsync(one.Value, headers: ("Authorization", $"Bearer {other.Value}"));

        call.ShouldBeRefused(400);
    }

    [Fact]
    public async Task Whatever_is_answered_in_the_place_of_the_service_opens_nothing()
    {
        var key = await site.Server.CreateKeyAsync();
        await using var impostor = new Impostor(site.Server.Certificate);
        await using var gateway = await site.StartAsync(
            elsewhere: addresses => addresses with { Service = impostor.Address, Secure = impostor.SecureAddress });

        Task<Call> call() => site.SendAsync(GatewaySite.Request(HttpMethod.Get, key.Value, "/api/v1/incidents"), gateway);
        foreach (var answer in Impostor.Answers)
        {
            impostor.Answer = answer;
            var refused = await call();

            Assert.True(refused.Arrived.Count == 0 && refused.Status >= 400, $"{refused.Status} with {answer}");
            var (expected, seen) = (site.Program.Expect(Outcome.ServiceDown), await Answered.ReadAsync(refused.Answer));
            Assert.Equal((answer, expected.Status, expected.HasRetryAfter), (answer, seen.Status, seen.HasRetryAfter));
        }

        impostor.Answer = Impostor.Accepted;
        (await call()).ShouldArrive();
    }
}
