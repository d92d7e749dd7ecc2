using ApiKeys.Server.Tests.Fixtures;
using static ApiKeys.Server.Tests.Fixtures.IdempotentCalls;

namespace ApiKeys.Server.Tests.Http;

public sealed class IdempotencyTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_creation_sent_again_gets_the_same_answer_and_makes_one_key()
    {
        var header = server.NewHeader();
        const string body = """{"name": "Only once, Grüße", "scopes": ["incidents:read"]}""";

        var first = await server.Operator.PostOnceAsync(KeysPath, header, body);
        server.Clock.Advance(TimeSpan.FromHours(1));
        var again = await server.Operator.PostOnceAsync(KeysPath, header, body);

        again.ShouldBeReplayOf(first);
        Assert.Equal((201, $"{KeysPath}/{first.KeyId}", "\"1\"", "no-store"), (again.Status, again.Location?.ToString(), again.ETag, again.CacheControl));
        Assert.Equal(1, (await server.ListAsync("?search=Only%20once")).GetProperty("total").GetInt32());
        Assert.Equal(1, await server.CountDoneAsync(first.KeyId, "key.created"));
        await server.CallAsync(again.Value).ShouldBeAcceptedAsync();
    }

    [Theory]
    [InlineData("""{"grace_period_days": 3}""")]
    [InlineData(null)]
    public async Task A_rotation_sent_again_gets_the_same_answer_and_rotates_once(string? body)
    {
        var (header, key) = (server.NewHeader(), await server.CreateKeyAsync());

        var first = await server.Operator.PostOnceAsync(RotateOf(key.KeyId), header, body);
        var again = await server.Operator.PostOnceAsync(RotateOf(key.KeyId), header, body);

        again.ShouldBeReplayOf(first);
        Assert.Equal((200, "\"2\"", "no-store"), (again.Status, again.ETag, again.CacheControl));
        Assert.Equal(1, await server.CountDoneAsync(key.KeyId, "key.rotated"));
        await server.CallAsync(again.Value).ShouldBeAcceptedAsync();
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task A_key_that_rotates_itself_gets_the_same_answer_with_its_old_value_and_with_its_new_one()
    {
        var (header, key) = (server.NewHeader(), await server.CreateKeyAsync("self:rotate"));
        using var old = server.CreateClient(key.Value);

        var first = await old.PostOnceAsync("/api/v1/me/rotate", header, "{}");
        using var renewed = server.CreateClient(first.Value);

        (await old.PostOnceAsync("/api/v1/me/rotate", header, "{}")).ShouldBeReplayOf(first);
        (await renewed.PostOnceAsync("/api/v1/me/rotate", header, "{}")).ShouldBeReplayOf(first);
        Assert.Equal(200, first.Status);
        Assert.Equal(1, await server.CountDoneAsync(key.KeyId, "key.rotated"));
    }

    [Fact]
    public async Task Another_request_with_the_same_header_is_a_mismatch_and_is_not_done()
    {
        var (header, key) = (server.NewHeader(), await server.CreateKeyAsync());
        var asker = await server.CreateKeyAsync(new { name = "Asker", roles = new[] { "admin" }, scopes = new[] { "self:rotate" } });
        using var client = server.CreateClient(asker.Value);
        var first = await client.PostOnceAsync(KeysPath, header, AKey);
        var total = (await server.ListAsync()).GetProperty("total").GetInt32();

        foreach (var (path, body) in new (string, string?)[]
        {
            (KeysPath, AKey.Replace("A key", "B key", StringComparison.Ordinal)),
            (KeysPath, AKey + " "),
            ($"{KeysPath}?a=b", AKey),
            (RotateOf(key.KeyId), "{}"),
            (RotateOf(key.KeyId), null),
            ("/api/v1/me/rotate", null),
        })
        {
            await client.SendOnceAsync(path, header, body).ShouldBeProblemAsync(409, "idempotency_mismatch");
        }

        Assert.Equal(total, (await server.ListAsync()).GetProperty("total").GetInt32());
        Assert.Equal(0, await server.CountDoneAsync(key.KeyId, "key.rotated"));
        Assert.Equal(0, await server.CountDoneAsync(asker.KeyId, "key.rotated"));
        (await client.PostOnceAsync(KeysPath, header, AKey)).ShouldBeReplayOf(first);
    }

    [Theory]
    [InlineData("fifteen-letters")]
    [InlineData("a header with spaces in it")]
    [InlineData("a\theader\twith\ttabs")]
    [InlineData("Schlüssel-0000-0000-0000")]
    [InlineData("\U0001f511-0000-0000-0000-0000")]
    public async Task A_header_that_is_too_short_or_not_plain_is_refused(string header) => await RefusedAsync(header);

    [Fact]
    public async Task A_header_may_have_255_characters_and_no_more()
    {
        var longest = server.NewHeader().PadRight(255, '~');

        await RefusedAsync(longest + "~");
        (await server.Operator.PostOnceAsync(KeysPath, longest, AKey)).ShouldBeFirst(201);
        (await server.Operator.PostOnceAsync(KeysPath, longest[..16], AKey)).ShouldBeFirst(201);
    }

    [Fact]
    public async Task A_header_that_comes_twice_is_refused() => await RefusedAsync(server.NewHeader(), server.NewHeader());

    private async Task RefusedAsync(params string[] headers)
    {
        var (answers, total) = (await server.CountAnswersAsync(), (await server.ListAsync()).GetProperty("total").GetInt32());

        await server.Operator.SendOnceAsync(KeysPath, headers, AKey).ShouldBeInvalidAsync("Idempotency-Key");

        Assert.Equal(answers, await server.CountAnswersAsync());
        Assert.Equal(total, (await server.ListAsync()).GetProperty("total").GetInt32());
    }
}
