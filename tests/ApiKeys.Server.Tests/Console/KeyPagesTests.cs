using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ApiKeys.Server.Tests.Console;

/// <summary>What an administrator does with a key that there is.</summary>
public sealed class KeyPagesTests(ConsoleServer server) : BrowserTest(server), IClassFixture<ConsoleServer>
{
    private const string Hostile = "\"><img src=x onerror=alert(1)>";

    private ILocator Status => Page.GetByRole(AriaRole.Status);

    [Fact]
    public async Task Keys_are_found_as_one_types_and_the_address_says_what_was_looked_for()
    {
        await Server.CreateKeyAsync(new { name = "Alpha", description = "100% of the _alerts_", scopes = new[] { "search:read" } });
        await Server.CreateKeyAsync(new { name = $"Beta {Hostile}", scopes = new[] { "search:read" } });
        await Tab.SignInAsync(Server.OperatorKey.Value);
        var search = Page.GetByLabel("Search by name");

        await search.FillAsync("0% OF");
        await Expect(Rows).ToHaveCountAsync(1);
        await Expect(Rows).ToContainTextAsync("Alpha");
        await Expect(search).ToBeFocusedAsync();
        await Expect(Page.Locator("[data-live-status]")).ToHaveTextAsync("1 key");
        await Expect(Page).ToHaveURLAsync("/console/keys?search=0%25+OF");

        await search.FillAsync($"beta {Hostile}");
        await Expect(Rows).ToHaveCountAsync(1);
        await Expect(Rows.GetByRole(AriaRole.Link, new() { Name = $"Beta {Hostile}" })).ToBeVisibleAsync();

        await search.FillAsync("nobody has this");
        await Expect(Page.GetByText("No key matches")).ToBeVisibleAsync();
        await search.FillAsync("");
        await Expect(Page).ToHaveURLAsync("/console/keys");
    }

    [Fact]
    public async Task A_search_that_meets_the_end_of_the_session_says_so()
    {
        var key = await Server.CreateKeyAsync(new { name = "Administrator", roles = new[] { "admin" } });
        await Tab.SignInAsync(key.Value);
        await Server.RevokeAsync(key.KeyId);

        await Page.GetByLabel("Search by name").FillAsync("a");

        await Expect(Status).ToHaveTextAsync("Your session has ended: the key that you signed in with was revoked.");
    }

    [Fact]
    public async Task An_edit_changes_what_was_changed_and_nothing_else()
    {
        var key = await Server.CreateKeyAsync(new
        {
            name = "Before",
            description = "Stays as it was",
            scopes = new[] { "search:read" },
            roles = new[] { "soc_viewer" },
            metadata = new { team = "soc" },
            rate_limit = new { requests = 7, window_seconds = 90 },
        });
        await OpenAsync(key, "Edit");

        await Page.GetByLabel("Name", new() { Exact = true }).FillAsync("After");
        await Page.Locator("input[value='incidents:read']").CheckAsync();
        await Page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await Expect(Status).ToHaveTextAsync("The changes are saved, and in force on every node.");
        var changed = (await Server.DoneAsync($"?key_id={key.KeyId}&action=key.updated")).Single().GetProperty("changes");
        Assert.Equal(
            """{"name":{"from":"Before","to":"After"},"scopes":{"from":["search:read"],"to":["incidents:read","search:read"]}}""",
            changed.GetRawText());
    }

    [Fact]
    public async Task An_edit_over_somebody_else_s_is_refused_and_what_was_typed_stands()
    {
        var key = await Server.CreateKeyAsync();
        await OpenAsync(key, "Edit");
        await Server.EditAsync(key.KeyId, new { name = "Theirs" });

        await Page.GetByLabel("Name", new() { Exact = true }).FillAsync("Mine");
        await Page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await Expect(Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Somebody else has changed this key meanwhile.");
        await Expect(Page.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("Mine");
        Assert.Equal("Theirs", (await Server.GetKeyAsync(key.KeyId)).Text("name"));
    }

    [Fact]
    public async Task A_rotation_tells_until_when_the_old_value_works_and_who_uses_it_still()
    {
        var key = await Server.CreateKeyAsync();
        await OpenAsync(key, "Rotate");
        var end = Server.Clock.GetUtcNow().AddDays(7);
        await Expect(Page.GetByLabel("The old value works").Locator("option:checked")).ToHaveTextAsync($"7 days, until {end:d MMM yyyy}");

        await Page.GetByRole(AriaRole.Button, new() { Name = "Rotate the key" }).ClickAsync();
        await Expect(Page.GetByText($"The old value works until {end:d MMM yyyy, HH:mm:ss} UTC.")).ToBeVisibleAsync();
        var value = await Page.Locator("#value").InnerTextAsync();
        Server.Clock.Advance(TimeSpan.FromMinutes(1));
        await Server.CallAsync(key.Value).ShouldBeAcceptedAsync();
        await Server.FlushUsageAsync();
        await Page.GetByLabel("I have stored it.").CheckAsync();
        await Page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();

        var moving = Page.GetByRole(AriaRole.Region, new() { Name = "Moving to the new secret" });
        await Expect(moving).ToContainTextAsync("0 of 1 address seen since the rotation");
        await Expect(moving).ToContainTextAsync("used the old secret last");

        Server.Clock.Advance(TimeSpan.FromMinutes(1));
        await Server.CallAsync(value).ShouldBeAcceptedAsync();
        await Server.FlushUsageAsync();
        await Page.ReloadAsync();
        await Expect(moving).ToContainTextAsync("1 of 1 address seen since the rotation has used the new secret last.");
        await Expect(Page.Locator("figure")).ToContainTextAsync("accepted 2 times and refused 0 times");
    }

    [Fact]
    public async Task A_rotation_without_grace_ends_the_old_value_at_once()
    {
        var key = await Server.CreateKeyAsync();
        await OpenAsync(key, "Rotate");

        await Page.GetByLabel("The old value works").SelectOptionAsync("0");
        await Page.GetByRole(AriaRole.Button, new() { Name = "Rotate the key" }).ClickAsync();
        await Expect(Page.GetByText("The old value is dead on every node.")).ToBeVisibleAsync();

        await Server.CallAsync(key.Value).ShouldBeProblemAsync(401, "invalid_key", challenge: Answers.InvalidToken);
        await Server.CallAsync(await Page.Locator("#value").InnerTextAsync()).ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task A_key_is_switched_off_and_on_again()
    {
        var key = await Server.CreateKeyAsync();
        await OpenAsync(key);

        await Page.GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await Expect(Status).ToContainTextAsync("The key is disabled");
        await Server.CallAsync(key.Value).ShouldBeProblemAsync(401, "disabled_key", challenge: Answers.InvalidToken);

        await Page.GetByRole(AriaRole.Button, new() { Name = "Enable" }).ClickAsync();
        await Expect(Status).ToContainTextAsync("The key is enabled");
        await Server.CallAsync(key.Value).ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task A_key_is_revoked_by_who_has_read_what_breaks_and_typed_its_name()
    {
        var key = await Server.CreateKeyAsync(new { name = Hostile, scopes = new[] { "incidents:read" } });
        await Server.CallAsync(key.Value).ShouldBeAcceptedAsync();
        await Server.FlushUsageAsync();
        await OpenAsync(key, "Revoke");
        await Expect(Page.GetByText("accepted 1 time")).ToBeVisibleAsync();
        await Expect(Page.GetByText("127.0.0.1")).ToBeVisibleAsync();

        await Page.GetByLabel("To confirm, type the name").FillAsync("something else");
        await Page.GetByLabel("Reason").FillAsync("Found on a desk");
        await Page.GetByRole(AriaRole.Button, new() { Name = "Revoke for ever" }).ClickAsync();
        await Expect(Page.GetByText("Nothing was done.")).ToBeVisibleAsync();
        await Server.CallAsync(key.Value).ShouldBeAcceptedAsync();

        await Page.GetByLabel("To confirm, type the name").FillAsync(Hostile);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Revoke for ever" }).ClickAsync();
        await Expect(Status).ToContainTextAsync("It is dead on every node. 1 node confirmed it");
        await Server.CallAsync(key.Value).ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);

        await Page.GetByRole(AriaRole.Link, new() { Name = "See the key" }).ClickAsync();
        await Expect(Page.GetByRole(AriaRole.Link, new() { Name = "Edit" })).ToHaveCountAsync(0);
        await Expect(Page.GetByRole(AriaRole.Region, new() { Name = "Audit trail" })).ToContainTextAsync("Found on a desk");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/edit")]
    [InlineData("/rotate")]
    [InlineData("/revoke")]
    public async Task A_key_of_another_organization_is_not_there(string page)
    {
        var slug = $"o-{Base62.Random(6).ToLowerInvariant()}";
        await Server.AddOrganizationAsync(slug);
        var boss = await Server.AddAdministratorAsync(slug);
        var own = await Server.CreateKeyAsync(new { name = "Own", scopes = new[] { "search:read" }, organization = slug });
        var other = await Server.CreateKeyAsync(new { name = "Not yours", scopes = new[] { "search:read" } });
        await Tab.SignInAsync(boss.Value);
        await Expect(Page.GetByRole(AriaRole.Table)).ToContainTextAsync("Own");
        await Expect(Page.GetByRole(AriaRole.Table)).Not.ToContainTextAsync("Not yours");
        Assert.Equal(200, (await Tab.GotoAsync($"/console/keys/{own.KeyId}{page}"))!.Status);

        var response = await Tab.GotoAsync($"/console/keys/{other.KeyId}{page}");

        Assert.Equal(404, response!.Status);
        await Expect(Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("There is no API key with this id in your organization.");
        Assert.DoesNotContain("Not yours", await Page.ContentAsync(), StringComparison.Ordinal);
        Assert.Empty(await Page.FaultsAsync());
    }

    private ILocator Rows => Page.Locator("#results tbody tr");

    /// <summary>Its page, or what a link there leads to.</summary>
    private async Task OpenAsync(IssuedKey key, string? link = null)
    {
        await Tab.SignInAsync(Server.OperatorKey.Value);
        await Tab.GotoAsync($"/console/keys/{key.KeyId}");
        if (link is not null)
            await Page.GetByRole(AriaRole.Link, new() { Name = link, Exact = true }).ClickAsync();
    }
}
