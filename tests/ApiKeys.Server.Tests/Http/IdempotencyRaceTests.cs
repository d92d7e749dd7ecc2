using ApiKeys.Server.Tests.Fixtures;
using static ApiKeys.Server.Tests.Fixtures.IdempotentCalls;

namespace ApiKeys.Server.Tests.Http;

public sealed class IdempotencyRaceTests(TestServer server) : IClassFixture<TestServer>
{
    private const int Parallel = 40; // more than there are connections to the database
    private const int Rotations = 8;

    [Fact]
    public async Task Of_creations_at_the_same_moment_with_the_same_header_one_is_done_and_all_answer_alike()
    {
        var header = server.NewHeader();
        var total = (await server.ListAsync()).GetProperty("total").GetInt32();

        var first = await OneOfAsync(_ => server.Operator.PostOnceAsync(KeysPath, header, AKey));

        first.ShouldBeFirst(201);
        Assert.Equal(total + 1, (await server.ListAsync()).GetProperty("total").GetInt32());
        Assert.Equal(1, await server.CountDoneAsync(first.KeyId, "key.created"));
    }

    [Fact]
    public async Task Of_rotations_at_the_same_moment_with_the_same_header_one_is_done_and_all_answer_alike()
    {
        var (header, key) = (server.NewHeader(), await server.CreateKeyAsync());

        var first = await OneOfAsync(_ => server.Operator.PostOnceAsync(RotateOf(key.KeyId), header, null));

        first.ShouldBeFirst(200);
        Assert.Equal("\"2\"", first.ETag);
        Assert.Equal(1, await server.CountDoneAsync(key.KeyId, "key.rotated"));
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
        await server.CallAsync(first.Value).ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task Of_different_bodies_at_the_same_moment_with_the_same_header_one_is_done()
    {
        var header = server.NewHeader();
        var total = (await server.ListAsync()).GetProperty("total").GetInt32();

        var answers = await AtOnceAsync(Parallel, i => server.Operator.PostOnceAsync(KeysPath, header, AKey + new string(' ', i)));

        Assert.Single(answers, answer => answer is { Status: 201, IsReplay: false });
        Assert.All(answers.Where(answer => answer.Status != 201), answer => Assert.Equal("idempotency_mismatch", answer.Json.Text("code")));
        Assert.Equal(Parallel - 1, answers.Count(answer => answer.Status == 409));
        Assert.Equal(total + 1, (await server.ListAsync()).GetProperty("total").GetInt32());
    }

    /// <summary>A race that was lost is a refusal: with the same header it is tried again, until it is done, once.</summary>
    [Fact]
    public async Task Rotations_of_one_key_that_lose_a_race_are_sent_again_until_each_is_done_once()
    {
        var key = await server.CreateKeyAsync();

        var answers = await AtOnceAsync(Rotations, async _ =>
        {
            var header = server.NewHeader();
            WholeAnswer answer;
            do
                answer = await server.Operator.PostOnceAsync(RotateOf(key.KeyId), header, null);
            while (answer.Status == 409 && answer.Json.Text("code") == "conflict");

            return answer;
        });

        Assert.All(answers, answer => answer.ShouldBeFirst(200));
        Assert.Equal(Enumerable.Range(2, Rotations).Select(version => $"\"{version}\"").Order(), answers.Select(answer => answer.ETag).Order());
        Assert.Equal(Rotations, await server.CountDoneAsync(key.KeyId, "key.rotated"));
    }

    /// <returns>The answer that was not given before; all others are the same.</returns>
    private static async Task<WholeAnswer> OneOfAsync(Func<int, Task<WholeAnswer>> send)
    {
        var answers = await AtOnceAsync(Parallel, send);
        var first = Assert.Single(answers, answer => !answer.IsReplay);
        Assert.All(answers.Where(answer => answer != first), again => again.ShouldBeReplayOf(first));
        return first;
    }

    private static Task<WholeAnswer[]> AtOnceAsync(int count, Func<int, Task<WholeAnswer>> send) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => send(i))));
}
