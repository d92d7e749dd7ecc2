using System.Diagnostics;
using System.Net;
using System.Text.Json;
using ApiKeys.AspNetCore;
using ApiKeys.Benchmarks.Hosts;
using ApiKeys.Server.Model;
using Npgsql;

namespace ApiKeys.Benchmarks.Revoke;

/// <summary>Three hosts on one database: the first is told of revokes, the second is watched, the third is stopped.</summary>
internal sealed class ThreeNodes : IAsyncDisposable
{
    private const int Count = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly NpgsqlDataSource _database;
    private readonly List<BenchHost> _hosts = [];
    private readonly List<HttpClient> _clients = [];
    private string _operator = "";

    private ThreeNodes(NpgsqlDataSource database) => _database = database;

    public static async Task<ThreeNodes> StartAsync(NpgsqlDataSource database, string connectionString, CancellationToken cancellationToken)
    {
        var nodes = new ThreeNodes(database);
        try
        {
            nodes._operator = (await BenchKeys.AddOperatorAsync(database, cancellationToken)).Reveal();
            while (nodes._hosts.Count < Count)
            {
                var host = await BenchHost.StartAsync(HostProgram.QuietServer(connectionString), cancellationToken);
                nodes._hosts.Add(host);
                nodes._clients.Add(new HttpClient { BaseAddress = host.Address, Timeout = Patience });
            }

            await nodes.AllAreRegisteredAsync(cancellationToken);
            return nodes;
        }
        catch
        {
            await nodes.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks every node once.</summary>
    public async Task AllAnswerAsync(ApiKeyValue key, bool accepted, CancellationToken cancellationToken)
    {
        foreach (var client in _clients)
            Expect(await AskAsync(client, key, cancellationToken), accepted);
    }

    /// <summary>By the first node.</summary>
    public async Task<Revoked> RevokeAsync(ApiKeyValue key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"/api/admin/api-keys/{key.KeyId}");
        request.Headers.Add(ApiKeyDefaults.HeaderName, _operator);
        var (sent, started) = (Now, Stopwatch.GetTimestamp());
        using var answer = await _clients[0].SendAsync(request, cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        var (answered, elapsed) = (Now, Stopwatch.GetElapsedTime(started));
        if (answer.StatusCode != HttpStatusCode.OK)
            throw new BenchException($"A revoke was answered with {(int)answer.StatusCode}: {body}");

        using var document = JsonDocument.Parse(body);
        var propagation = document.RootElement.GetProperty("propagation");
        return propagation.GetProperty("nodes").GetInt32() == Count
            ? new Revoked(sent, answered, elapsed, propagation.GetProperty("confirmed").GetInt32())
            : throw new BenchException($"There are not {Count} nodes: {body}");
    }

    /// <summary>Asks the second node, one request after the other, until it refuses the key.</summary>
    public async Task<Refused> PollAsync(ApiKeyValue key, CancellationToken cancellationToken)
    {
        for (var lastAccepted = Now; ;)
        {
            var sent = Now;
            var status = await AskAsync(_clients[1], key, cancellationToken);
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
    /// The third node stands still while a key is revoked that it remembers, and is asked for the key the moment that it goes on.
    /// </summary>
    public async Task<TimeSpan> RevokeWithOneStoppedAsync(CancellationToken cancellationToken)
    {
        var key = (await BenchKeys.AddAsync(_database, 1, cancellationToken))[0];
        await AllAnswerAsync(key, accepted: true, cancellationToken);
        var stopped = _hosts[^1];
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

        Expect(await AskAsync(_clients[^1], key, cancellationToken), accepted: false);
        if (revoke.Confirmed != Count - 1)
            throw new BenchException($"With one node stopped, {revoke.Confirmed} of {Count} confirmed.");

        await AllAreRegisteredAsync(cancellationToken);
        return revoke.Elapsed;
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        foreach (var host in _hosts)
            await host.DisposeAsync();
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static async Task<HttpStatusCode> AskAsync(HttpClient node, ApiKeyValue key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, OpenHost.Incidents);
        request.Headers.Add(ApiKeyDefaults.HeaderName, key.Reveal());
        using var answer = await node.SendAsync(request, cancellationToken);
        return answer.StatusCode;
    }

    private static void Expect(HttpStatusCode status, bool accepted)
    {
        if (status != (accepted ? HttpStatusCode.OK : HttpStatusCode.Unauthorized))
            throw new BenchException($"A key that {(accepted ? "is good" : "was revoked")} was answered with {(int)status}.");
    }

    private async Task AllAreRegisteredAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            await using var command = _database.CreateCommand("select count(*) from node_leases");
            var leases = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
            if (leases == Count)
                return;

            if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new BenchException($"{leases} nodes have a lease, of {Count}.");

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }
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
