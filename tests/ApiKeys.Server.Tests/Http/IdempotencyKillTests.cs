using System.Security.Cryptography;
using ApiKeys.Server.Tests.Fixtures;
using Npgsql;
using Xunit.Abstractions;
using static ApiKeys.Server.Tests.Fixtures.IdempotentCalls;

namespace ApiKeys.Server.Tests.Http;

/// <summary>
/// The host dies again and again in the middle of its work, and every client asks again until it is answered: nothing is lost,
/// and nothing is done twice.
/// </summary>
public sealed class IdempotencyKillTests(ITestOutputHelper output)
{
    private const int Keys = 500;
    private const int Requests = Keys * 2; // each is made, and rotated
    private const int Clients = 8;
    private const int Kills = 10;

    [Fact]
    public async Task A_host_that_is_killed_at_any_moment_loses_nothing_and_does_nothing_twice()
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database);
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await using var host = await MortalHost.StartAsync(database);
        try
        {
            var held = new HeldKey[Keys];
            var work = Parallel.ForAsync(
                0, Keys, new ParallelOptions { MaxDegreeOfParallelism = Clients, CancellationToken = patience.Token },
                async (i, cancellationToken) => held[i] = await MakeAndRotateAsync(host, i, cancellationToken));
            await TogetherAsync(patience, work, KillAsync(host, source, new Random(seed), patience.Token));

            Assert.Equal(Keys, held.Select(key => key.KeyId).Distinct().Count());
            await AssertDoneOnceAsync(source, held, operatorKeyId: host.OperatorKey[8..22]);
            await Parallel.ForEachAsync(held, async (key, cancellationToken) =>
            {
                await host.ShouldAcceptAsync(key.Created, cancellationToken);
                await host.ShouldAcceptAsync(key.Rotated, cancellationToken);
            });
            Assert.True(host.Kills >= Kills);
            Assert.True(host.CutOff > 0, "No request was in the middle when the host was killed.");
            Assert.True(host.Replays > 0, "Nothing was done whose answer was lost.");
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Seed {seed}, {host}", exception);
        }

        output.WriteLine($"Seed {seed}, {host}");
    }

    /// <summary>Whoever fails ends the others, so that nothing is left running.</summary>
    private static async Task TogetherAsync(CancellationTokenSource cancellation, params Task[] tasks)
    {
        await foreach (var ended in Task.WhenEach(tasks))
        {
            if (!ended.IsCompletedSuccessfully)
                await cancellation.CancelAsync();
        }

        await Task.WhenAll(tasks);
    }

    /// <summary>
    /// After so many answers, so that the kills fall into the work however fast the machine is: in turn at any moment, and when
    /// something was done that nobody knows of yet. There are more where none has hit that moment so far.
    /// </summary>
    private static async Task KillAsync(MortalHost host, NpgsqlDataSource source, Random random, CancellationToken cancellationToken)
    {
        var moments = Enumerable.Range(0, Kills).Select(_ => random.Next(Requests * 4 / 5)).Order().ToArray();
        for (var i = 0; i < Kills || (host.Replays == 0 && host.Answers < Requests - Clients); i++)
        {
            var moment = i < Kills ? moments[i] : host.Answers + Clients;
            while (host.Answers < moment)
                await Task.Delay(1, cancellationToken);

            if (i % 2 == 0)
                await Task.Delay(random.Next(20), cancellationToken);
            else
                while (host.Answers < Requests && await CountDoneAsync(source) <= host.Answers)
                    cancellationToken.ThrowIfCancellationRequested();

            await host.KillAsync();
        }
    }

    private static async Task<HeldKey> MakeAndRotateAsync(MortalHost host, int number, CancellationToken cancellationToken)
    {
        var body = $$"""{"name": "Key {{number}}", "scopes": ["incidents:read"]}""";
        var created = await host.PostAsync(KeysPath, $"create-under-fire-{number}", body, cancellationToken);
        var rotated = await host.PostAsync(RotateOf(created.KeyId), $"rotate-under-fire-{number}", null, cancellationToken);
        Assert.Equal((201, 200), (created.Status, rotated.Status));
        Assert.Equal(created.KeyId, rotated.KeyId);
        return new HeldKey(created.KeyId, created.Value, rotated.Value);
    }

    private static async Task AssertDoneOnceAsync(NpgsqlDataSource source, HeldKey[] held, string operatorKeyId)
    {
        var made = await ReadAsync(source, "select key_id || ' ' || version from api_keys");
        var done = await ReadAsync(
            source, "select target_id || ' ' || action from audit_events where target_type = 'api_key' and actor_key_id is not null and outcome = 'success'");
        var refused = await ReadAsync(source, "select action || ' ' || code from audit_events where outcome = 'refused'");

        Assert.Equal(held.Select(key => $"{key.KeyId} 2").Append($"{operatorKeyId} 1").Order(), made.Order());
        Assert.Equal(held.SelectMany(key => new[] { $"{key.KeyId} key.created", $"{key.KeyId} key.rotated" }).Order(), done.Order());
        Assert.Empty(refused);
        Assert.Equal(Requests, await CountDoneAsync(source));
    }

    private static async Task<int> CountDoneAsync(NpgsqlDataSource source) =>
        int.Parse((await ReadAsync(source, "select count(*)::text from idempotent_answers")).Single());

    private static async Task<List<string>> ReadAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));

        return rows;
    }

    /// <param name="KeyId">Its public name.</param>
    /// <param name="Created">What the creation answered.</param>
    /// <param name="Rotated">What the rotation answered.</param>
    private sealed record HeldKey(string KeyId, string Created, string Rotated);
}
