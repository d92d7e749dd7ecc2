using System.Text.Json;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Tests.Fixtures;
using Npgsql;

namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>A host in a process of its own, with a proxy of its own between it and the database.</summary>
internal sealed class ChaosNode(string name, DurablePostgres postgres, int leaseSeconds) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private volatile Life? _life;

    public string Name => name;

    public DatabaseProxy Database { get; } = new(postgres.Socket);

    /// <summary>Whether somebody who wants an answer would ask this one.</summary>
    public bool IsWell { get; set; } = true;

    public Dictionary<string, string?> Settings => new()
    {
        ["ConnectionStrings:ApiKeys"] = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = Database.Port,
            Username = new NpgsqlConnectionStringBuilder(postgres.ConnectionString).Username,
            Database = new NpgsqlConnectionStringBuilder(postgres.ConnectionString).Database,
            MaxPoolSize = 20,
        }.ConnectionString,
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
        ["SampleApi:Enabled"] = "true",
        ["Lookup:LeaseSeconds"] = $"{leaseSeconds}",
        ["Serilog:MinimumLevel:Default"] = "Warning",
        ["DOTNET_TieredPGO"] = "0", // it starts a little faster
    };

    /// <summary>What it has written to its log since it was started.</summary>
    public string Output => _life?.Host.Output ?? "";

    public async Task StartAsync()
    {
        // Its address is told at a level that is too low for the log.
        var settings = new Dictionary<string, string?>(Settings) { ["Serilog:MinimumLevel:Override:Microsoft.Hosting.Lifetime"] = "Information" };
        var host = await HostProcess.StartAsync(settings);
        var client = await host.CreateClientAsync();
        client.Timeout = Patience;
        _life = new Life(host, client);
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        var (host, client) = _life!;
        await host.KillAsync();
        await host.DisposeAsync();
        client.Dispose();
    }

    public Task SuspendAsync() => _life!.Host.SuspendAsync();

    public Task ResumeAsync() => _life!.Host.ResumeAsync();

    /// <summary>By a connection that is kept and used again. No answer is one too.</summary>
    public async Task<NodeAnswer> SendAsync(HttpRequestMessage request, string apiKey, CancellationToken cancellationToken)
    {
        request.Headers.Add(ApiKeyDefaults.HeaderName, apiKey);
        try
        {
            using var response = await _life!.Client.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            var json = text.StartsWith('{') ? JsonSerializer.Deserialize<JsonElement>(text) : default;
            return new NodeAnswer((int)response.StatusCode, json, response.Headers.RetryAfter is not null);
        }
        catch (Exception exception) when (
            exception is HttpRequestException or ObjectDisposedException // it was killed
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)) // it took too long, or was killed
        {
            return NodeAnswer.None;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_life is var (host, client))
        {
            await host.DisposeAsync();
            client.Dispose();
        }

        await Database.DisposeAsync();
    }

    private sealed record Life(HostProcess Host, HttpClient Client);
}

/// <param name="Status">Zero where there was none.</param>
/// <param name="Json">The body, where it is an object.</param>
/// <param name="HasRetryAfter">Whether it says when to come again.</param>
internal sealed record NodeAnswer(int Status, JsonElement Json, bool HasRetryAfter)
{
    public static readonly NodeAnswer None = new(0, default, HasRetryAfter: false);

    /// <summary>Of a problem.</summary>
    public string? Code => Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty("code", out var code) ? code.GetString() : null;
}
