using System.Globalization;
using System.Text;
using System.Text.Json;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Console;
using ApiKeys.Server.Model;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.AspNetCore.Mvc.Testing;

namespace ApiKeys.Server.Tests.Console;

public sealed class AuditCsvTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Header =
        "\"at\",\"action\",\"outcome\",\"code\",\"organization\",\"actor_member\",\"actor_key_id\",\"actor_address\",\"target_type\",\"target_id\",\"changes\",\"trace_id\",\"id\"";

    [Fact]
    public async Task All_events_are_there_over_more_than_one_page_newest_first()
    {
        await AddEventsAsync("pages@example.com", 450);
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        using var response = await console.Http.GetAsync("/console/audit.csv?actor=pages@example.com");
        var bytes = await response.Content.ReadAsByteArrayAsync();

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("text/csv", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("utf-8", response.Content.Headers.ContentType?.CharSet);
        Assert.Equal(
            $"attachment; filename=audit-events-{server.Clock.GetUtcNow():yyyy-MM-dd}.csv", response.Content.Headers.ContentDisposition?.ToString());
        Assert.Equal(Encoding.UTF8.Preamble, bytes.AsSpan(0, 3));
        var lines = Encoding.UTF8.GetString(bytes.AsSpan(3)).Split("\r\n");
        Assert.Equal(Header, lines[0]);
        Assert.Equal("", lines[^1]);
        Assert.Equal(Enumerable.Range(1, 450).Reverse().Select(number => $"\"k_{number:D12}\""), lines[1..^1].Select(line => line.Split(',')[9]));
    }

    [Fact]
    public async Task An_event_is_told_to_the_letter()
    {
        var id = await server.AddMemberAsync("told@example.com");
        using var edited = await server.Operator.PatchAsync($"/api/admin/members/{id}", new { firstname = "=1+1", lastname = "\"><b>" });
        edited.EnsureSuccessStatusCode();
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        var told = (await server.AuditAsync("?action=member.updated"))[0];
        var text = await console.GetAsync("/console/audit.csv?action=member.updated");

        Assert.Equal(
            $"\"{told.Text("at")}\",\"member.updated\",\"success\",\"\",\"default\",\"admin@example.com\",\"{server.OperatorKey.KeyId}\",\"\",\"member\",\"told@example.com\","
            + $"\"{told.GetProperty("changes").GetRawText().Replace("\"", "\"\"", StringComparison.Ordinal)}\",\"{told.Text("trace_id")}\",\"{told.Text("id")}\"",
            text.Split("\r\n")[1]);
    }

    [Fact]
    public async Task An_administrator_has_only_what_was_done_in_his_organization()
    {
        await server.AddOrganizationAsync("acme");
        var administrator = await server.AddAdministratorAsync("acme");
        await server.CreateKeyAsync(new { name = "Ours", scopes = new[] { "incidents:read" } });
        using var console = await ConsoleClient.SignInAsync(server, administrator.Value);

        var lines = (await console.GetAsync("/console/audit.csv")).Split("\r\n")[1..^1];

        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Equal("\"acme\"", line.Split(',')[4]));
    }

    [Fact]
    public async Task What_cannot_be_asked_for_is_told_by_the_page_and_not_by_half_a_file()
    {
        using var console = await ConsoleClient.SignInAsync(server, server.OperatorKey.Value);

        using var response = await console.Http.GetAsync("/console/audit.csv?key_id=nothing&actor=a%26b");

        Assert.Equal(302, (int)response.StatusCode);
        Assert.Equal("/console/audit?actor=a%26b&key_id=nothing", response.Headers.Location?.OriginalString);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        var page = await console.GetAsync(response.Headers.Location!.OriginalString, status: 400);
        Assert.Equal("Done to the key is not a key id such as k_7Fq2mZ81xY4c.", ConsoleClient.ErrorOf(page, "key_id"));
    }

    [Fact]
    public async Task Nobody_has_it_without_a_session()
    {
        using var nobody = server.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });

        using var response = await nobody.GetAsync("/console/audit.csv?action=key.created");

        Assert.Equal("/console/sign-in?return=%2Fconsole%2Faudit.csv%3Faction%3Dkey.created", response.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_key_that_is_revoked_while_the_file_is_read_reads_no_further_and_the_file_does_not_end_as_if_it_were_whole()
    {
        await AddEventsAsync("long@example.com", 5000);
        var key = await server.CreateKeyAsync(new { name = "Reader", roles = new[] { "operator" } });
        using var console = await ConsoleClient.SignInAsync(server, key.Value);

        using var response = await console.Http.GetAsync("/console/audit.csv?actor=long@example.com", HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        await stream.ReadExactlyAsync(new byte[1000]);
        await server.RevokeAsync(key.KeyId);

        await Assert.ThrowsAnyAsync<Exception>(() => stream.CopyToAsync(Stream.Null));
    }

    [Theory]
    [InlineData(4, 4, false)]
    [InlineData(5, 4, true)]
    [InlineData(9, 4, true)]
    [InlineData(3, 4, false)]
    public async Task Where_there_are_more_than_a_file_may_have_its_last_line_says_so(int events, int max, bool isSaid)
    {
        using var file = new StringWriter();

        var isWhole = await AuditCsv.WriteAsync(file, Page(0, events), cursor => Task.FromResult<ListAuditEvents.Response?>(
            Page(int.Parse(cursor, CultureInfo.InvariantCulture), events)), max);

        Assert.True(isWhole);
        var lines = file.ToString().Split("\r\n")[1..^1];
        Assert.Equal(isSaid ? max + 1 : events, lines.Length);
        Assert.Equal(isSaid, lines[^1].StartsWith("\"There are more than these 4 events. Export them in parts, by their days.\",", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Equal(13, line.Split("\",\"").Length));
    }

    [Fact]
    public async Task A_page_that_is_missing_is_not_taken_for_the_end()
    {
        using var file = new StringWriter();

        Assert.False(await AuditCsv.WriteAsync(file, Page(0, 9), _ => Task.FromResult<ListAuditEvents.Response?>(null), 100));
    }

    /// <summary>Two of them, and where the next are.</summary>
    private static ListAuditEvents.Response Page(int first, int all) => new()
    {
        AuditEvents = [.. Enumerable.Range(first, Math.Min(2, all - first)).Select(number => new ListAuditEvents.Event
        {
            Id = new Guid(number, 0, 0, new byte[8]),
            At = DateTimeOffset.UnixEpoch,
            Action = "key.created",
            Outcome = AuditOutcome.Success,
            Actor = new ListAuditEvents.Actor(null, null, null),
            Target = new ListAuditEvents.Target("api_key", $"{number}"),
            Changes = JsonElement.Parse("{}"),
        })],
        NextCursor = first + 2 < all ? $"{first + 2}" : null,
    };

    /// <summary>As many in a row, a second apart.</summary>
    private Task AddEventsAsync(string actor, int count) => server.ExecuteSqlWithoutWaitingAsync(
        $"""
        insert into audit_events (id, at, organization_id, action, outcome, actor_member, target_type, target_id, changes)
        select gen_random_uuid(), timestamptz '2026-01-01Z' + number * interval '1 second', (select id from organizations where slug = 'default'),
               'key.created', 'success', {actor}, 'api_key', 'k_' || lpad(number::text, 12, '0'), json_build_object()
        from generate_series(1, {count}) number
        """);
}
