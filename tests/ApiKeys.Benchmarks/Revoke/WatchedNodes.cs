using System.Diagnostics;
using System.Net;
using System.Text.Json;
using ApiKeys.AspNetCore;
using Npgsql;

namespace ApiKeys.Benchmarks.Revoke;

/// <summary>Three nodes: the first is told of revokes, the second is watched, the third is stopped.</summary>
internal sealed class WatchedNodes : IAsyncDisposable
{
    private const int Told = 0;
    private const int Polled = 1;
    private const int Stopped = 2;

    private readonly NpgsqlDataSource _database;
    private readonly ThreeNodes _nodes;
    private readonly string _operator;

    private WatchedNodes(NpgsqlDataSource database, ThreeNodes nodes, ApiKeyValue @operator) =>
        (_database, _nodes, _operator) = (database, nodes, @operator.Reveal());

    public static async Task<WatchedNodes> StartAsync(
        NpgsqlDataSource database, string connectionString, CancellationToken cancellationToken)
    {
        var @operator = await BenchKeys.AddOperatorAsync(database, cancellationToken);
        return new WatchedNodes(database, await ThreeNodes.StartAsync(database, connectionString, cancellationToken), @operator);
    }

    /// <summary>Asks every node once.</summary>
    public async Task AllAnswerAsync(ApiKeyValue key, bool accepted, CancellationToken cancellationToken)
    {
        for (var node = 0; node < ThreeNodes.Count; node++)
            Expect(await AskAsync(node, key, cancellationToken), accepted);
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
        return propagation.GetProperty("nodes").GetInt32() == ThreeNodes.Count
            ? new Revoked(sent, answered, elapsed, propagation.GetProperty("confirmed").GetInt32())
            : throw new BenchException($"There are not {ThreeNodes.Count} nodes: {body}");
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
    /// The third node stands still while a key is revoked that it remembers, and is asked for the key the moment that it goes on.
    /// </summary>
    public async Task<TimeSpan> RevokeWithOneStoppedAsync(CancellationToken cancellationToken)
    {
        var key = (await BenchKeys.AddAsync(_database, 1, cancellationToken))[0];
        await AllAnswerAsync(key, accepted: true, cancellationToken);
        var stopped = _nodes.Hosts[Stopped];
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

        Expect(await AskAsync(Stopped, key, cancellationToken), accepted: false);
        if (revoke.Confirmed != ThreeNodes.Count - 1)
            throw new BenchException($"With one node stopped, {revoke.Confirmed} of {ThreeNodes.Count} confirmed.");

        await _nodes.AllAreRegisteredAsync(cancellationToken);
        return revoke.Elapsed;
    }

    public ValueTask DisposeAsync() => _nodes.DisposeAsync();

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private async Task<HttpStatusCode> AskAsync(int node, ApiKeyValue key, CancellationToken cancellationToken)
    {
        using var answer = await _nodes.AskAsync(node, key, cancellationToken);
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
