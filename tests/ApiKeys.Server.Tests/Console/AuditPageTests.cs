using System.Net;
using System.Reflection;
using ApiKeys.Server.Console.Parts;
using ApiKeys.Server.Model;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Console;

public sealed class AuditPageTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public void Every_action_has_words() => Assert.Equal(
        typeof(AuditActions).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetValue(null)!).Order(),
        AuditWords.Choices.SelectMany(group => group).Select(choice => choice.Action).Order());

    [Fact]
    public async Task What_was_done_is_a_sentence_with_what_it_changed()
    {
        var key = await server.CreateKeyAsync();
        await server.EditAsync(key.KeyId, new { name = "Renamed", rate_limit = new { requests = 1000, window_seconds = 60 }, enabled = false });
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        var text = ConsoleClient.TextOf(await console.GetAsync($"/console/audit?key_id={key.KeyId}&action=key.updated"));

        Assert.Contains($"admin@example.com edited the key {key.KeyId} · organization default", text, StringComparison.Ordinal);
        Assert.Contains("Name: from A key → to Renamed", text, StringComparison.Ordinal);
        Assert.Contains("Rate limit: requests: 1,000, window seconds: 60", text, StringComparison.Ordinal);
        Assert.Contains("Enabled: from yes → to no", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_refused_is_marked_with_why()
    {
        await server.Operator.GetAsync("/api/admin/api-keys/k_000000000000").ShouldBeProblemAsync(404, "not_found");
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        var text = ConsoleClient.TextOf(await console.GetAsync("/console/audit?key_id=k_000000000000"));

        Assert.Contains("Refused: not found admin@example.com tried to read the key k_000000000000", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_day_is_meant_from_its_midnight_to_the_next()
    {
        await AddEventAsync("k_0000before00", "2025-12-31T23:59:59.999Z");
        await AddEventAsync("k_00000first00", "2026-01-01T00:00:00Z");
        await AddEventAsync("k_000000last00", "2026-01-02T23:59:59.999Z");
        await AddEventAsync("k_00000after00", "2026-01-03T00:00:00Z");
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        var page = await console.GetAsync("/console/audit?since=2026-01-01&until=2026-01-02");

        Assert.DoesNotContain("k_0000before00", page, StringComparison.Ordinal);
        Assert.Contains("k_00000first00", page, StringComparison.Ordinal);
        Assert.Contains("k_000000last00", page, StringComparison.Ordinal);
        Assert.DoesNotContain("k_00000after00", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/console/audit.csv?since=2026-01-01&amp;until=2026-01-02\"", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("since=tomorrow", "since", "First day is not a time such as 2026-11-20T00:00:00Z (RFC 3339).")]
    [InlineData("until=9999-12-31", "until", "Last day is not a time such as 2026-11-20T00:00:00Z (RFC 3339).")]
    [InlineData("since=2026-01-02&until=2026-01-01", "until", "Last day must be later than 'since'.")]
    [InlineData("key_id=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E", "key_id", "Done to the key is not a key id such as k_7Fq2mZ81xY4c.")]
    public async Task A_filter_that_is_refused_says_so_beside_it_and_stays(string query, string field, string error)
    {
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        var page = await console.GetAsync($"/console/audit?{query}", status: 400);

        Assert.Equal(error, ConsoleClient.ErrorOf(page, field));
        Assert.Contains("aria-invalid=\"true\"", ConsoleClient.InputOf(page, field), StringComparison.Ordinal);
        Assert.Contains($"aria-describedby=\"{field}-error\"", ConsoleClient.InputOf(page, field), StringComparison.Ordinal);
        var typed = WebUtility.HtmlEncode(WebUtility.UrlDecode(query.Split('&')[^1].Split('=')[1]));
        Assert.Contains($"value=\"{typed}\"", ConsoleClient.InputOf(page, field), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_follow_one_another_with_the_same_filters()
    {
        for (var i = 0; i < 51; i++)
            await AddEventAsync($"k_{i:D12}", $"2024-01-01T00:00:{i:D2}Z", "pages@example.com");

        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        var first = await console.GetAsync("/console/audit?actor=pages@example.com");
        var next = first.Split("rel=\"next\" href=\"")[1].Split('"')[0];
        var second = await console.GetAsync(WebUtility.HtmlDecode(next));

        Assert.Contains("k_000000000050", first, StringComparison.Ordinal);
        Assert.DoesNotContain("k_000000000000", first, StringComparison.Ordinal);
        Assert.Contains("k_000000000000", second, StringComparison.Ordinal);
        Assert.DoesNotContain("k_000000000001", second, StringComparison.Ordinal);
    }

    private Task AddEventAsync(string target, string at, string actor = "days@example.com") => server.ExecuteSqlWithoutWaitingAsync(
        $"""
        insert into audit_events (id, at, organization_id, action, outcome, actor_member, target_type, target_id, changes)
        select gen_random_uuid(), {DateTimeOffset.Parse(at)}, id, 'key.created', 'success', {actor}, 'api_key', {target}, json_build_object()
        from organizations where slug = 'default'
        """);
}
