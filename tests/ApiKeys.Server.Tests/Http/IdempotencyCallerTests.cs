using ApiKeys.Server.Tests.Fixtures;
using static ApiKeys.Server.Tests.Fixtures.IdempotentCalls;

namespace ApiKeys.Server.Tests.Http;

/// <summary>Whose answer it is, and what is not remembered at all.</summary>
public sealed class IdempotencyCallerTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Another_key_with_the_same_header_and_request_is_answered_on_its_own()
    {
        var header = server.NewHeader();
        var other = await server.CreateKeyAsync(new { name = "Another one", roles = new[] { "admin" } });
        using var colleague = server.CreateClient(other.Value);
        await server.AddOrganizationAsync("other");
        using var stranger = server.CreateClient((await server.AddAdministratorAsync("other")).Value);

        var mine = await server.Operator.PostOnceAsync(KeysPath, header, AKey);
        var his = await colleague.PostOnceAsync(KeysPath, header, AKey);
        var theirs = await stranger.PostOnceAsync(KeysPath, header, AKey);

        Assert.All([mine, his, theirs], answer => answer.ShouldBeFirst(201));
        Assert.Equal(3, new[] { mine, his, theirs }.Select(answer => answer.Value).Distinct().Count());
        (await server.Operator.PostOnceAsync(KeysPath, header, AKey)).ShouldBeReplayOf(mine);
        (await colleague.PostOnceAsync(KeysPath, header, AKey)).ShouldBeReplayOf(his);
        (await stranger.PostOnceAsync(KeysPath, header, AKey)).ShouldBeReplayOf(theirs);
    }

    [Fact]
    public async Task Who_may_no_longer_ask_is_not_told_what_he_was_told_before()
    {
        var (header, asker) = (server.NewHeader(), await server.CreateKeyAsync("api-keys:write", "incidents:read"));
        using var client = server.CreateClient(asker.Value);
        (await client.PostOnceAsync(KeysPath, header, AKey)).ShouldBeFirst(201);

        await server.EditAsync(asker.KeyId, new { scopes = new[] { "incidents:read" } });
        using var refused = await client.SendOnceAsync(KeysPath, header, AKey);
        Assert.Equal(403, (int)refused.StatusCode);

        await server.RevokeAsync(asker.KeyId);
        using var ended = await client.SendOnceAsync(KeysPath, header, AKey);
        Assert.Equal(401, (int)ended.StatusCode);
    }

    [Theory]
    [InlineData(KeysPath, """{"name": "A key", "scopes": ["audit:read"]}""", 403, "scope_escalation")]
    [InlineData(KeysPath, """{"name": "A key", "scopes": ["incidents:read"], "organization": "unknown"}""", 403, "scope_escalation")]
    [InlineData(KeysPath, """{"name": "", "scopes": ["incidents:read"]}""", 400, "validation_failed")]
    [InlineData(KeysPath, """{"name": "A key", "scopes": ["incidents:read"], "owner": "nobody@example.com"}""", 403, "scope_escalation")]
    [InlineData(KeysPath, "{", 400, "malformed_json")]
    [InlineData("/api/admin/api-keys/k_000000000000/rotate", null, 404, "not_found")]
    public async Task A_refusal_is_not_remembered_and_leaves_the_header_free(string path, string? body, int status, string code)
    {
        var header = server.NewHeader();
        using var client = server.CreateClient((await server.CreateKeyAsync("api-keys:write", "incidents:read")).Value);
        var answers = await server.CountAnswersAsync();

        await client.SendOnceAsync(path, header, body).ShouldBeProblemAsync(status, code);
        await client.SendOnceAsync(path, header, body).ShouldBeProblemAsync(status, code);

        Assert.Equal(answers, await server.CountAnswersAsync());
        (await client.PostOnceAsync(KeysPath, header, AKey)).ShouldBeFirst(201);
    }

    [Fact]
    public async Task The_plan_limit_refuses_a_new_key_but_not_the_answer_to_one_that_was_made()
    {
        await server.AddOrganizationAsync("small", plan: "starter");
        const string body = """{"name": "The only one", "scopes": ["incidents:read"], "organization": "small"}""";
        var (header, second) = (server.NewHeader(), server.NewHeader());

        var first = await server.Operator.PostOnceAsync(KeysPath, header, body);
        await server.Operator.SendOnceAsync(KeysPath, second, body).ShouldBeProblemAsync(403, "plan_limit_reached");

        (await server.Operator.PostOnceAsync(KeysPath, header, body)).ShouldBeReplayOf(first);
        await server.RevokeAsync(first.KeyId);
        (await server.Operator.PostOnceAsync(KeysPath, second, body)).ShouldBeFirst(201);
    }

    [Fact]
    public async Task The_answer_stays_the_same_whatever_became_of_the_key()
    {
        var (creation, rotation, key) = (server.NewHeader(), server.NewHeader(), await server.CreateKeyAsync());
        var created = await server.Operator.PostOnceAsync(KeysPath, creation, AKey);
        var rotated = await server.Operator.PostOnceAsync(RotateOf(key.KeyId), rotation, null);

        await server.RotateAsync(created.KeyId);
        await server.RevokeAsync(created.KeyId);
        await server.RevokeAsync(key.KeyId);

        (await server.Operator.PostOnceAsync(KeysPath, creation, AKey)).ShouldBeReplayOf(created);
        (await server.Operator.PostOnceAsync(RotateOf(key.KeyId), rotation, null)).ShouldBeReplayOf(rotated);
        using var call = await server.CallAsync(rotated.Value);
        Assert.Equal(401, (int)call.StatusCode);
    }
}
