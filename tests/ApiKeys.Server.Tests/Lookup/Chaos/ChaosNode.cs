using System.Text.Json;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>
/// A host in a process of its own, with a proxy of its own between it and the database; or an API that uses the package, with one between it
/// and the hosts.
/// </summary>
/// <param name="name">Of an API it begins with <see cref="Api"/>.</param>
/// <param name="program">What runs.</param>
/// <param name="proxy">Between it and what it needs.</param>
/// <param name="settings">Where the proxy is, too.</param>
internal sealed class ChaosNode(string name, string program, TcpProxy proxy, IReadOnlyDictionary<string, string?> settings) : IAsyncDisposable
{
    public const string Api = "API";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private volatile Life? _life;

    public string Name => name;

    /// <summary>Between it and what it needs.</summary>
    public TcpProxy Proxy => proxy;

    public IReadOnlyDictionary<string, string?> Settings => settings;

    /// <summary>Of what takes the scope that the keys have.</summary>
    public string Path => name.StartsWith(Api, StringComparison.Ordinal) ? "/incidents" : "/api/v1/incidents";

    /// <summary>Where it listens; null while it does not.</summary>
    public Uri? Address => _life?.Client.BaseAddress;

    /// <summary>Whether somebody who wants an answer would ask this one.</summary>
    public bool IsWell { get; set; } = true;

    /// <summary>What it has written to its log since it was started.</summary>
    public string Output => _life?.Host.Output ?? "";

    public async Task StartAsync()
    {
        var host = await HostProcess.StartAsync(settings, program);
        var client = await host.CreateClientAsync();
        client.Timeout = Patience;
        _life = new Life(host, client);
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        var (host, client) = _life!;
        _life = null;
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
            using var response = await (_life ?? throw new ObjectDisposedException(name)).Client.SendAsync(request, cancellationToken);
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

        await proxy.DisposeAsync();
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
