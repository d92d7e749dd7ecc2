using System.Diagnostics;
using System.Net;
using System.Text.Json;
using ApiKeys.AspNetCore;
using ApiKeys.Benchmarks.Hosts;
using Npgsql;

namespace ApiKeys.Benchmarks.Revoke;

/// <summary>
/// Three nodes: the first is told of revokes, the second is watched, the third is stopped; and APIs that use the package, each of which asks one.
/// </summary>
internal sealed class WatchedNodes : IAsyncDisposable
{
    private const int Told = 0;
    private const int Polled = 1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly NpgsqlDataSource _database;
    private readonly ThreeNodes _nodes;
    private readonly List<BenchHost> _apis = [];
    private readonly string _operator;

    private WatchedNodes(NpgsqlDataSource database, ThreeNodes nodes, ApiKeyValue @operator) =>
        (_database, _nodes, _operator) = (database, nodes, @operator.Reveal());

    /// <summary>The third node, and the last API.</summary>
    public BenchHost LastNode => _nodes.Hosts[^1];

    /// <summary>The last of them.</summary>
    public BenchHost LastApi => _apis[^1];

    private int Leases => ThreeNodes.Count + _apis.Count;

    public static async Task<WatchedNodes> StartAsync(
        NpgsqlDataSource database, string connectionString, int apis, CancellationToken cancellationToken)
    {
        var @operator = await BenchKeys.AddOperatorAsync(database, cancellationToken);
        var watched = new WatchedNodes(database, await ThreeNodes.StartAsync(database, connectionString, cancellationToken), @operator);
        try
        {
            var credential = await BenchKeys.AddVerifierAsync(database, cancellationToken);
            while (watched._apis.Count < apis)
                watched._apis.Add(await BenchHost.StartAsync(
                    HostProgram.Package(watched._nodes.Hosts[watched._apis.Count % ThreeNodes.Count].Address, credential), cancellationToken));

            await watched._nodes.AllAreRegisteredAsync(apis, cancellationToken);
            return watched;
        }
        catch
        {
            await watched.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks every node and API once.</summary>
    public async Task AllAnswerAsync(ApiKeyValue key, bool accepted, CancellationToken cancellationToken)
    {
        for (var node = 0; node < ThreeNodes.Count; node++)
            Expect(await AskAsync(node, key, cancellationToken), accepted);

        foreach (var api in _apis)
            Expect(await AskAsync(api, OpenHost.Plain, key, cancellationToken), accepted);
    }

    /// <summary>By the first node.</summary>
    public async Task<Revoked> RevokeAsync(ApiKeyValue key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"/api/admin/api-keys/{key.KeyId}");
        request.Headers.Add(ApiKeyDefaults.HeaderName, _operator);
        var (sent, started) = (Now, Stopwatch.GetTimestamp());
        using var answer = await _nodes.Clients[Told].SendAsync(request, cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        var (answered, elapsed) = (Now, Stopwatch.GetElapsedTime(started));
        if (answer.StatusCode != HttpStatusCode.OK)
            throw new BenchException($"A revoke was answered with {(int)answer.StatusCode}: {body}");

        using var document = JsonDocument.Parse(body);
        var propagation = document.RootElement.GetProperty("propagation");
        return propagation.GetProperty("nodes").GetInt32() == Leases
            ? new Revoked(sent, answered, elapsed, propagation.GetProperty("confirmed").GetInt32())
            : throw new BenchException($"There are not {Leases} nodes: {body}");
    }

    /// <summary>Asks the second node, one request after the other, until it refuses the key.</summary>
    public async Task<Refused> PollAsync(ApiKeyValue key, CancellationToken cancellationToken)
    {
        for (var lastAccepted = Now; ;)
        {
            var sent = Now;
            var status = await AskAsync(Polled, key, cancellationToken);
            if (status != HttpStatusCode.OK)
            {
                var at = Now;
                Expect(status, accepted: false);
                return new Refused(at, lastAccepted);
            }

            lastAccepted = sent;
        }
    }

    /// <summary>By the database's clock, which is this machine's: just before the commit was written to the disk.</summary>
    public async Task<DateTimeOffset> CommittedAtAsync(ApiKeyValue key, CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand("select pg_xact_commit_timestamp(xmin) from api_keys where key_id = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = key.KeyId });
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    /// <summary>
    /// One stands still while a key is revoked that it remembers, and is asked for the key the moment that it goes on.
    /// </summary>
    public async Task<TimeSpan> RevokeWithOneStoppedAsync(BenchHost stopped, CancellationToken cancellationToken)
    {
        var key = (await BenchKeys.AddAsync(_database, 1, cancellationToken))[0];
        await AllAnswerAsync(key, accepted: true, cancellationToken);
        await stopped.StopAsync(cancellationToken);
        Revoked revoke;
        try
        {
            revoke = await RevokeAsync(key, cancellationToken);
        }
        finally
        {
            await stopped.ContinueAsync(CancellationToken.None);
        }

        Expect(await AskAsync(stopped, _apis.Contains(stopped) ? OpenHost.Plain : OpenHost.Incidents, key, cancellationToken), accepted: false);
        if (revoke.Confirmed != Leases - 1)
            throw new BenchException($"With one stopped, {revoke.Confirmed} of {Leases} confirmed.");

        await _nodes.AllAreRegisteredAsync(_apis.Count, cancellationToken);
        return revoke.Elapsed;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var api in _apis)
            await api.DisposeAsync();

        await _nodes.DisposeAsync();
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private async Task<HttpStatusCode> AskAsync(int node, ApiKeyValue key, CancellationToken cancellationToken)
    {
        using var answer = await _nodes.AskAsync(node, key, cancellationToken);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> AskAsync(BenchHost host, string path, ApiKeyValue key, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = host.Address, Timeout = Patience };
        client.DefaultRequestHeaders.Add(ApiKeyDefaults.HeaderName, key.Reveal());
        using var answer = await client.GetAsync(path, cancellationToken);
        return answer.StatusCode;
    }

    private static void Expect(HttpStatusCode status, bool accepted)
    {
        if (status != (accepted ? HttpStatusCode.OK : HttpStatusCode.Unauthorized))
            throw new BenchException($"A key that {(accepted ? "is good" : "was revoked")} was answered with {(int)status}.");
    }
}

/// <param name="Sent">By the wall clock.</param>
/// <param name="Answered">By the wall clock.</param>
/// <param name="Elapsed">From the one to the other.</param>
/// <param name="Confirmed">How many nodes have said that they heed it.</param>
internal sealed record Revoked(DateTimeOffset Sent, DateTimeOffset Answered, TimeSpan Elapsed, int Confirmed);

/// <param name="At">When the first refusal had arrived.</param>
/// <param name="LastAcceptedSent">When the last request was sent that was accepted.</param>
internal sealed record Refused(DateTimeOffset At, DateTimeOffset LastAcceptedSent);
