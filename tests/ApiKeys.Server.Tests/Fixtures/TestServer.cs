using System.Net.Http.Json;
using System.Text.Json;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Bootstrap;
using ApiKeys.Server.Database;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.Verification.Usage;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>The host in this process, on a database and a clock of its own, and the verbs of its users.</summary>
public class TestServer : WebApplicationFactory<Program>, IAsyncLifetime
{
    private string _connectionString = "";

    public FakeClock Clock { get; } = new();

    public TestLogs Logs { get; } = new();

    /// <summary>Of its database.</summary>
    public string ConnectionString => _connectionString;

    /// <summary>A key that may do everything.</summary>
    public IssuedKey OperatorKey { get; private set; } = null!;

    /// <summary>Sends the operator's key.</summary>
    public HttpClient Operator { get; private set; } = null!;

    public virtual async Task InitializeAsync()
    {
        _connectionString = await CreateDatabaseAsync();
        await using var scope = Start().CreateAsyncScope();
        var (key, value) = await scope.ServiceProvider.GetRequiredService<OperatorKeys>().CreateAsync("admin@example.com", default);
        OperatorKey = new IssuedKey(key.KeyId, value.Reveal(), null);
        Operator = CreateClient(OperatorKey.Value);
    }

    async Task IAsyncLifetime.DisposeAsync() => await DisposeAsync();

    /// <summary>Of a host that ended while it started, one is told no more than that it is gone.</summary>
    private IServiceProvider Start()
    {
        try
        {
            return Services;
        }
        catch (ObjectDisposedException exception)
        {
            throw new InvalidOperationException($"The host did not start:\n{string.Join('\n', Logs.Lines)}", exception);
        }
    }

    public HttpClient CreateClient(string apiKey)
    {
        var client = CreateClient();
        client.DefaultRequestHeaders.Add(ApiKeyDefaults.HeaderName, apiKey);
        return client;
    }

    public Task<IssuedKey> CreateKeyAsync(params string[] scopes) =>
        CreateKeyAsync(new { name = "A key", scopes = scopes.Length == 0 ? ["incidents:read"] : scopes });

    public async Task<IssuedKey> CreateKeyAsync(object request)
    {
        using var response = await Operator.PostAsJsonAsync("/api/admin/api-keys", request);
        var body = await response.ReadJsonAsync(201);
        return new IssuedKey(body.GetProperty("key_id").GetString()!, body.GetProperty("api_key").GetString()!, body);
    }

    public async Task<JsonElement> RotateAsync(string keyId, object? request = null)
    {
        using var response = await Operator.PostAsJsonAsync($"/api/admin/api-keys/{keyId}/rotate", request ?? new { });
        return await response.ReadJsonAsync(200);
    }

    public async Task<JsonElement> RevokeAsync(string keyId)
    {
        using var response = await Operator.DeleteAsync($"/api/admin/api-keys/{keyId}");
        return await response.ReadJsonAsync(200);
    }

    public async Task<JsonElement> GetKeyAsync(string keyId)
    {
        using var response = await Operator.GetAsync($"/api/admin/api-keys/{keyId}");
        return await response.ReadJsonAsync(200);
    }

    public Task<HttpResponseMessage> PatchAsync(string keyId, object patch, string? ifMatch = null) =>
        Operator.PatchAsync($"/api/admin/api-keys/{keyId}", patch, ifMatch);

    /// <returns>The key as it is after.</returns>
    public async Task<JsonElement> EditAsync(string keyId, object patch)
    {
        using var response = await PatchAsync(keyId, patch);
        return await response.ReadJsonAsync(200);
    }

    /// <returns>The member's id.</returns>
    public async Task<string> AddMemberAsync(string email, string role = "member", string organization = "default")
    {
        using var response = await Operator.PostAsJsonAsync("/api/admin/members", new { email, role, organization });
        return (await response.ReadJsonAsync(201)).Text("id")!;
    }

    public async Task AddOrganizationAsync(string slug, string plan = "enterprise")
    {
        using var response = await Operator.PostAsJsonAsync("/api/admin/organizations", new { slug, name = slug, plan });
        await response.ReadJsonAsync(201);
    }

    public async Task<JsonElement> EditOrganizationAsync(string slug, object patch)
    {
        using var response = await Operator.PatchAsync($"/api/admin/organizations/{slug}", patch);
        return await response.ReadJsonAsync(200);
    }

    /// <summary>An administrator of an organization, with a key.</summary>
    public async Task<IssuedKey> AddAdministratorAsync(string organization, string? email = null)
    {
        email ??= $"boss@{organization}.example";
        await AddMemberAsync(email, "admin", organization);
        return await CreateKeyAsync(new { name = "Administrator", roles = new[] { "admin" }, organization, owner = email });
    }

    /// <returns>The events, newest first.</returns>
    public async Task<List<JsonElement>> AuditAsync(string query = "")
    {
        using var response = await Operator.GetAsync($"/api/admin/audit-events{query}");
        return [.. (await response.ReadJsonAsync(200)).GetProperty("audit_events").EnumerateArray()];
    }

    /// <summary>Only what was done.</summary>
    public async Task<List<JsonElement>> DoneAsync(string query = "") =>
        (await AuditAsync(query)).FindAll(e => e.Text("outcome") == "success");

    public async Task<JsonElement> ListAsync(string query = "")
    {
        using var response = await Operator.GetAsync($"/api/admin/api-keys{query}");
        return await response.ReadJsonAsync(200);
    }

    /// <summary>What an integration does.</summary>
    public async Task<HttpResponseMessage> CallAsync(string apiKey, string path = "/api/v1/incidents")
    {
        using var client = CreateClient(apiKey);
        return await client.GetAsync(path);
    }

    /// <summary>After it was written.</summary>
    public async Task<JsonElement> UsageAsync(string keyId)
    {
        await FlushUsageAsync();
        using var response = await Operator.GetAsync($"/api/admin/api-keys/{keyId}/usage");
        return await response.ReadJsonAsync(200);
    }

    public Task FlushUsageAsync() => Services.GetRequiredService<UsageWriter>().FlushAsync(default);

    /// <summary>As when it was not renewed in time. It comes back with the next renewal.</summary>
    public void EndLease() => Services.GetRequiredService<Lease>().End();

    /// <summary>For what no endpoint can do.</summary>
    public async Task ExecuteSqlAsync(FormattableString sql)
    {
        await ExecuteSqlWithoutWaitingAsync(sql);
        await Services.GetRequiredService<RevocationBarrier>().WaitAsync(patience: null, default);
    }

    /// <summary>The same, whoever does not know of it yet.</summary>
    public async Task ExecuteSqlWithoutWaitingAsync(FormattableString sql)
    {
        await using var scope = Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ApiKeysDbContext>().Database.ExecuteSqlAsync(sql);
    }

    public async Task<List<T>> QuerySqlAsync<T>(FormattableString sql)
    {
        await using var scope = Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ApiKeysDbContext>().Database.SqlQuery<T>(sql).ToListAsync();
    }

    protected virtual Task<string> CreateDatabaseAsync() => TestPostgres.CreateDatabaseAsync();

    /// <summary>Configuration, such as <c>KeyPolicy:MaxExpiresInDays</c>.</summary>
    protected virtual IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>();

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (name, value) in Settings)
            builder.UseSetting(name, value);

        builder
            .UseEnvironment("Production")
            .UseSetting("ConnectionStrings:ApiKeys", _connectionString)
            .UseSetting("SampleApi:Enabled", "true")
            .ConfigureTestServices(services => services
                .AddSingleton<TimeProvider>(Clock)
                .AddSingleton<Lease>(provider => new ClockedLease(
                    Clock, provider.GetRequiredService<MonotonicClock>(), provider.GetRequiredService<LookupOptions>()))
                .AddSingleton(LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Information).AddProvider(Logs))));
    }
}

/// <param name="KeyId">Its public name.</param>
/// <param name="Value">What an integration sends.</param>
/// <param name="Answer">What the request that made it answered.</param>
public sealed record IssuedKey(string KeyId, string Value, JsonElement? Answer);
