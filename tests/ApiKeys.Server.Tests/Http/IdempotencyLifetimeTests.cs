using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static ApiKeys.Server.Tests.Fixtures.IdempotentCalls;

namespace ApiKeys.Server.Tests.Http;

/// <summary>Has the clock to itself.</summary>
public sealed class IdempotencyLifetimeTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    [Fact]
    public async Task An_answer_is_given_again_for_24_hours_and_not_a_millisecond_longer()
    {
        var header = server.NewHeader();
        var first = await server.Operator.PostOnceAsync(KeysPath, header, AKey);

        server.Clock.Advance(Lifetime - Tick);
        (await server.Operator.PostOnceAsync(KeysPath, header, AKey)).ShouldBeReplayOf(first);

        server.Clock.Advance(Tick);
        var anew = await server.Operator.PostOnceAsync(KeysPath, header, AKey);
        anew.ShouldBeFirst(201);
        Assert.NotEqual(first.KeyId, anew.KeyId);

        server.Clock.Advance(Lifetime - Tick); // from the second one on, since a replay prolongs nothing
        (await server.Operator.PostOnceAsync(KeysPath, header, AKey)).ShouldBeReplayOf(anew);
    }

    [Fact]
    public async Task After_24_hours_the_header_may_come_with_another_request()
    {
        var (header, key) = (server.NewHeader(), await server.CreateKeyAsync());
        (await server.Operator.PostOnceAsync(KeysPath, header, AKey)).ShouldBeFirst(201);

        server.Clock.Advance(Lifetime - Tick);
        await server.Operator.SendOnceAsync(RotateOf(key.KeyId), header, null).ShouldBeProblemAsync(409, "idempotency_mismatch");

        server.Clock.Advance(Tick);
        (await server.Operator.PostOnceAsync(RotateOf(key.KeyId), header, null)).ShouldBeFirst(200);
    }

    [Fact]
    public async Task What_is_older_is_removed_and_what_is_not_stays()
    {
        await server.ExecuteSqlAsync($"delete from idempotent_answers");
        for (var i = 0; i < 3; i++)
            await server.Operator.PostOnceAsync(KeysPath, server.NewHeader(), AKey);

        server.Clock.Advance(Tick);
        var header = server.NewHeader();
        var younger = await server.Operator.PostOnceAsync(KeysPath, header, AKey);
        Assert.Equal(4, await server.CountAnswersAsync());

        server.Clock.Advance(Lifetime - Tick);
        await server.Operator.PostOnceAsync(KeysPath, server.NewHeader(), AKey);

        Assert.Equal(2, await server.CountAnswersAsync());
        (await server.Operator.PostOnceAsync(KeysPath, header, AKey)).ShouldBeReplayOf(younger);
    }

    [Fact]
    public async Task However_much_is_old_it_goes_a_hundred_at_a_time()
    {
        await server.ExecuteSqlAsync($"delete from idempotent_answers");
        await server.ExecuteSqlAsync(
            $"""
            insert into idempotent_answers select sha256(convert_to(n::text, 'UTF8')), sha256(''), sha256(''), {server.Clock.GetUtcNow()}
            from generate_series(1, 250) n
            """);

        var left = new List<int>();
        for (var i = 1; i <= 4; i++)
        {
            await server.Operator.PostOnceAsync(KeysPath, server.NewHeader(), AKey);
            left.Add(await server.CountAnswersAsync() - i);
        }

        Assert.Equal([150, 50, 0, 0], left);
    }

    [Fact]
    public async Task However_many_are_remembered_none_is_read_to_forget_what_is_old()
    {
        await server.ExecuteSqlAsync(
            $"""
            insert into idempotent_answers select sha256(convert_to(n::text, 'UTF8')), sha256(''), sha256(''), {server.Clock.GetUtcNow() + Lifetime}
            from generate_series(1, 10000) n on conflict do nothing
            """);
        await server.ExecuteSqlAsync($"analyze idempotent_answers");
        await using var scope = server.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ApiKeysDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var before = await CountScansAsync(db);

        await Idempotency.ForgetAsync(db, new byte[32], server.Clock.GetUtcNow(), default);

        Assert.Equal(before, await CountScansAsync(db));
    }

    /// <summary>How often this transaction read the whole table.</summary>
    private static Task<long> CountScansAsync(ApiKeysDbContext db) => db.Database.SqlQuery<long>(
        $"select seq_scan as \"Value\" from pg_stat_xact_user_tables where relname = 'idempotent_answers'").SingleAsync();
}
