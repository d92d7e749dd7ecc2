using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Keys;

public sealed class KeyRaceTests(TestServer server) : IClassFixture<TestServer>
{
    private const int Parallel = 12;

    [Fact]
    public async Task Of_rotations_at_the_same_moment_every_one_that_answers_with_a_value_was_done()
    {
        var key = await server.CreateKeyAsync();

        var answers = await AtOnceAsync(Parallel, _ => RotateAsync(key));

        var values = new List<string>();
        foreach (var answer in answers)
        {
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                values.Add((await answer.ReadJsonAsync(200)).Text("api_key")!);
                continue;
            }

            await answer.ShouldBeProblemAsync(409, "conflict");
            Assert.Null(answer.Headers.ETag); // of a version that there never was
        }

        // Each rotation that was done ended the secret before the last: the last two work, and no other.
        Assert.NotEmpty(values);
        Assert.Equal(values.Count + 1, await VersionAsync(key));
        var working = 0;
        foreach (var value in values.Append(key.Value))
        {
            using var call = await server.CallAsync(value);
            working += call.StatusCode == HttpStatusCode.OK ? 1 : 0;
        }

        Assert.Equal(2, working);
        Assert.Equal(values.Count, await AuditedAsync(key, "key.rotated"));
    }

    [Fact]
    public async Task A_revoke_wins_over_rotations_at_the_same_moment()
    {
        var key = await server.CreateKeyAsync();

        var answers = await AtOnceAsync(Parallel, i => i == Parallel / 2 ? RevokeAsync(key) : RotateAsync(key));

        Assert.Equal(HttpStatusCode.OK, answers[Parallel / 2].StatusCode);
        Assert.Equal("revoked", (await server.GetKeyAsync(key.KeyId)).Text("status"));
        foreach (var answer in answers.Where((_, i) => i != Parallel / 2))
        {
            var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
            if (answer.StatusCode == HttpStatusCode.OK)
                Assert.Equal(HttpStatusCode.Unauthorized, (await server.CallAsync(body.Text("api_key")!)).StatusCode);
            else
                Assert.Contains(body.Text("code"), new[] { "conflict", "key_revoked" });
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await server.CallAsync(key.Value)).StatusCode);
    }

    [Fact]
    public async Task Of_revokes_at_the_same_moment_all_answer_alike_and_one_is_written()
    {
        var key = await server.CreateKeyAsync();

        var answers = await AtOnceAsync(Parallel, _ => RevokeAsync(key));

        var bodies = await Task.WhenAll(answers.Select(async answer => (await answer.ReadJsonAsync(200)).But("propagation")));
        Assert.Single(bodies.Distinct());
        Assert.Equal(2, await VersionAsync(key));
        Assert.Equal(1, await AuditedAsync(key, "key.revoked"));
    }

    /// <summary>Nobody has to repeat an edit because a rotation came between.</summary>
    [Fact]
    public async Task An_edit_waits_for_rotations_at_the_same_moment_and_is_done()
    {
        var key = await server.CreateKeyAsync();

        var answers = await AtOnceAsync(Parallel * 2, i => i % 2 == 0
            ? RotateAsync(key)
            : server.PatchAsync(key.KeyId, new { metadata = new Dictionary<string, string> { [$"m{i}"] = "x" } }));

        Assert.All(answers.Where((_, i) => i % 2 != 0), answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal(Parallel, (await server.GetKeyAsync(key.KeyId)).GetProperty("metadata").EnumerateObject().Count());
    }

    private static Task<HttpResponseMessage[]> AtOnceAsync(int count, Func<int, Task<HttpResponseMessage>> send) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => send(i))));

    private Task<HttpResponseMessage> RotateAsync(IssuedKey key) =>
        server.Operator.PostAsJsonAsync($"/api/admin/api-keys/{key.KeyId}/rotate", new { });

    private Task<HttpResponseMessage> RevokeAsync(IssuedKey key) => server.Operator.DeleteAsync($"/api/admin/api-keys/{key.KeyId}");

    private async Task<int> VersionAsync(IssuedKey key) =>
        (await server.QuerySqlAsync<int>($"select version as \"Value\" from api_keys where key_id = {key.KeyId}")).Single();

    private async Task<int> AuditedAsync(IssuedKey key, string action) => (await server.QuerySqlAsync<int>(
        $"select count(*)::int as \"Value\" from audit_events where target_id = {key.KeyId} and action = {action} and outcome = 'success'")).Single();
}
