using System.Net.Http.Json;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Tests.Fixtures;
using ApiKeys.Server.Tests.Verification.RateLimits;
using Npgsql;
using Xunit.Abstractions;

namespace ApiKeys.Server.Tests.Gateways;

/// <summary>The service as a process of its own, asked by all gateways, and killed at the end.</summary>
public sealed class OutcomesTests(ITestOutputHelper output) : IAsyncLifetime, IAsyncDisposable
{
    private const int Limit = 1_000;
    private static readonly GatewayProgram[] Programs = [new Nginx(), new Caddy(), new Haproxy(), new ApacheLua(), new Apache()];

    private readonly ServerCertificate _certificate = new();
    private readonly List<GatewayProcess> _gateways = [];
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private string _database = "";
    private HostProcess _host = null!;
    private HttpClient _operator = null!;
    private Upstream _upstream = null!;

    public async Task InitializeAsync()
    {
        _database = await TestPostgres.CreateDatabaseAsync();
        _upstream = await Upstream.StartAsync();
        _host = await HostProcess.StartAsync(new Dictionary<string, string?>
        {
            ["ConnectionStrings:ApiKeys"] = _database,
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Kestrel:Endpoints:Http:Url"] = "http://127.0.0.1:0",
            ["Kestrel:Endpoints:Https:Url"] = "https://127.0.0.1:0",
            ["Kestrel:Endpoints:Https:Certificate:Path"] = _certificate.File,
            ["Kestrel:Endpoints:Https:Certificate:KeyPath"] = _certificate.KeyFile,
        });
        var first = HostProcess.FirstKey.Match(await _host.LineAsync(HostProcess.FirstKey)).Groups["value"].Value;
        _operator = await _host.CreateClientAsync(first);

        var addresses = new GatewayAddresses(
            Gateway: "",
            Service: _operator.BaseAddress!.Authority,
            Secure: await _host.SecureAddressAsync(),
            Certificate: _certificate.File,
            Upstream: _upstream.Address,
            Verifier: (await CreateKeyAsync(new { name = "Gateway", roles = new[] { "verifier" } })).Value);
        foreach (var program in Programs)
            _gateways.Add(await GatewayProcess.StartAsync(program, addresses));
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways)
            await gateway.DisposeAsync();

        await (_host?.DisposeAsync() ?? ValueTask.CompletedTask); // a start may have failed
        await (_upstream?.DisposeAsync() ?? ValueTask.CompletedTask);
        _operator?.Dispose();
        _client.Dispose();
        _certificate.Dispose();
    }

    [Fact]
    public async Task Each_gateway_answers_each_outcome_as_its_recipe_says()
    {
        var keys = await CreateKeysAsync();
        var table = new List<string> { $"| | {string.Join(" | ", Programs.Select(program => program.Name))} |", $"|---|{string.Concat(Programs.Select(_ => "---|"))}" };
        foreach (var outcome in Enum.GetValues<Outcome>())
        {
            if (outcome == Outcome.ServiceDown)
                await _host.KillAsync();

            var cells = new List<string>();
            for (var i = 0; i < Programs.Length; i++)
                cells.Add(await AskAsync(i, outcome, keys[outcome]));

            table.Add($"| {Words(outcome)} | {string.Join(" | ", cells)} |");
        }

        table.ForEach(output.WriteLine);
        Assert.Equal(table, new Recipe("README.md").Rows.Where(table.Contains)); // the page shows what has just been seen
    }

    private async Task<string> AskAsync(int gateway, Outcome outcome, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_gateways[gateway].Address, "/api/v1/incidents"));
        if (key is not null)
            request.Headers.Add(ApiKeyDefaults.HeaderName, key);

        using var answer = await _client.SendAsync(request);

        var (expected, seen) = (Programs[gateway].Expect(outcome), await Answered.ReadAsync(answer));
        Assert.Equal((Programs[gateway].Name, outcome, expected), (Programs[gateway].Name, outcome, seen));
        Assert.Equal(outcome == Outcome.Accepted ? 1 : 0, _upstream.TakeArrived().Count);
        return seen.Words();
    }

    /// <summary>One for each outcome.</summary>
    private async Task<Dictionary<Outcome, string?>> CreateKeysAsync()
    {
        var (accepted, expired, revoked, limited) = (
            await CreateKeyAsync(new { name = "A", scopes = new[] { "incidents:read" }, rate_limit = new { requests = Limit, window_seconds = 60 } }),
            await CreateKeyAsync(new { name = "A", scopes = new[] { "incidents:read" } }),
            await CreateKeyAsync(new { name = "A", scopes = new[] { "incidents:read" } }),
            await CreateKeyAsync(new { name = "A", scopes = new[] { "incidents:read" }, rate_limit = new { requests = 1, window_seconds = RateWindows.Long } }));

        await ExpireAsync(expired.KeyId);
        using var revoke = await _operator.DeleteAsync($"/api/admin/api-keys/{revoked.KeyId}");
        await revoke.ReadJsonAsync(200);
        using var once = await _host.GetAsync("/api/v1/incidents", limited.Value);
        await once.ReadJsonAsync(200);
        return new()
        {
            [Outcome.Accepted] = accepted.Value,
            [Outcome.NoKey] = null,
            [Outcome.Garbage] = "garbage",
            [Outcome.Expired] = expired.Value,
            [Outcome.Revoked] = revoked.Value,
            [Outcome.WrongScope] = (await CreateKeyAsync(new { name = "A", scopes = new[] { "search:read" } })).Value,
            [Outcome.OverTheLimit] = limited.Value,
            [Outcome.ServiceDown] = accepted.Value,
        };
    }

    private async Task<(string KeyId, string Value)> CreateKeyAsync(object request)
    {
        using var response = await _operator.PostAsJsonAsync("/api/admin/api-keys", request);
        var body = await response.ReadJsonAsync(201);
        return (body.Text("key_id")!, body.Text("api_key")!);
    }

    /// <summary>Nobody can make a key that has expired.</summary>
    private async Task ExpireAsync(string keyId)
    {
        await using var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "update api_keys set created_at = now() - interval '2 days', expires_at = now() - interval '1 day' where key_id = $1", connection);
        command.Parameters.AddWithValue(keyId);
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    private static string Words(Outcome outcome) => outcome switch
    {
        Outcome.Accepted => "accepted",
        Outcome.NoKey => "no key",
        Outcome.Garbage => "garbage",
        Outcome.Expired => "expired",
        Outcome.Revoked => "revoked",
        Outcome.WrongScope => "wrong scope",
        Outcome.OverTheLimit => "over the limit",
        Outcome.ServiceDown => "service down",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };
}
