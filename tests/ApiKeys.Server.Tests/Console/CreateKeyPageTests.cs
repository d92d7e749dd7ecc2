using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ApiKeys.Server.Tests.Console;

/// <summary>From the list to a key in the clipboard.</summary>
public sealed class CreateKeyPageTests(ConsoleServer server) : BrowserTest(server), IClassFixture<ConsoleServer>
{
    private static readonly BrowserNewContextOptions WithClipboard = new() { Permissions = ["clipboard-read", "clipboard-write"] };

    [Fact]
    public async Task A_key_is_made_copied_and_stored_with_the_keyboard_alone()
    {
        var tab = await OpenAsync(WithClipboard);
        await tab.SignInAsync(Server.OperatorKey.Value);
        var keyboard = tab.Page.Keyboard;

        await tab.TabToAsync(tab.Page.GetByRole(AriaRole.Link, new() { Name = "Create a key" }));
        await keyboard.PressAsync("Enter");
        await Expect(tab.Page.GetByLabel("Name", new() { Exact = true })).ToBeFocusedAsync();
        await keyboard.TypeAsync("By keyboard");
        await tab.TabToAsync(tab.Page.GetByPlaceholder("Find a scope"));
        await keyboard.TypeAsync("read incid");
        await tab.TabToAsync(tab.Page.Locator("input[value='incidents:read']"));
        await keyboard.PressAsync("Space");
        await tab.TabToAsync(tab.Page.GetByRole(AriaRole.Button, new() { Name = "Create the key" }));
        await keyboard.PressAsync("Enter");

        var copy = tab.Page.Locator("[data-copy='#value']");
        await Expect(copy).ToBeFocusedAsync();
        await keyboard.PressAsync("Enter");
        await Expect(copy).ToHaveTextAsync("Copied");
        var value = await tab.Page.EvaluateAsync<string>("navigator.clipboard.readText()");
        await Server.CallAsync(value).ShouldBeAcceptedAsync();

        await tab.TabToAsync(tab.Page.GetByLabel("I have stored it."));
        await keyboard.PressAsync("Space");
        await tab.TabToAsync(tab.Page.GetByRole(AriaRole.Button, new() { Name = "Done" }));
        await keyboard.PressAsync("Enter");
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "By keyboard" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Everything_that_can_be_said_of_a_key_is_said_by_the_form()
    {
        await OpenFormAsync();
        await Page.GetByLabel("Description").FillAsync("For the nightly enrichment");
        await Expect(Page.Locator("[data-count-of]")).ToHaveTextAsync("26 of 100");
        await Page.GetByLabel("On a date").CheckAsync();
        await Page.GetByLabel("Date", new() { Exact = true }).FillAsync($"{Server.Clock.GetUtcNow().AddDays(45):yyyy-MM-dd}");
        await Page.GetByLabel("Test", new() { Exact = false }).CheckAsync();
        await Page.Locator("input[value='search:read']").CheckAsync();
        await Page.Locator("input[value='soc_viewer']").CheckAsync();
        await Page.GetByText("Limits, owner").ClickAsync();
        await Page.GetByLabel("At most").FillAsync("600");
        await Page.GetByLabel("requests in each").SelectOptionAsync("hour");
        await Page.GetByLabel("Allowed addresses").FillAsync("203.0.113.7\n2001:db8::/32");

        await SubmitAsync();

        var key = await Server.GetKeyAsync(await IdAsync());
        Assert.Equal(
            ("Nightly", "For the nightly enrichment", "test", $"{Server.Clock.GetUtcNow().AddDays(45):yyyy-MM-dd}"),
            (key.Text("name"), key.Text("description"), key.Text("environment"), key.Text("expires_at")![..10]));
        Assert.Equal(
            ("""["search:read"]""", """["soc_viewer"]""", """{"requests":600,"window_seconds":3600}""", """["2001:db8::/32","203.0.113.7/32"]"""),
            (key.GetProperty("scopes").GetRawText(), key.GetProperty("roles").GetRawText(), key.GetProperty("rate_limit").GetRawText(), key.GetProperty("allowed_ips").GetRawText()));
    }

    [Fact]
    public async Task A_key_for_ever_is_warned_of()
    {
        await OpenFormAsync();
        await Page.Locator("input[value='search:read']").CheckAsync();
        await Expect(Page.GetByText("stays dangerous")).ToBeHiddenAsync();

        await Page.GetByLabel("Never").CheckAsync();
        await Expect(Page.GetByText("stays dangerous")).ToBeVisibleAsync();
        await SubmitAsync();

        Assert.Null((await Server.GetKeyAsync(await IdAsync())).Text("expires_at"));
    }

    [Fact]
    public async Task What_is_wrong_stands_at_its_field_and_nothing_that_was_typed_is_lost()
    {
        await OpenFormAsync();
        await Page.GetByText("Limits, owner").ClickAsync();
        await Page.GetByLabel("Allowed addresses").FillAsync("203.0.113.7/24");
        await Page.GetByLabel("Owner").FillAsync("nobody@example.com");

        await Page.GetByRole(AriaRole.Button, new() { Name = "Create the key" }).ClickAsync();

        await Expect(Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Nothing was changed.");
        await Expect(Page.Locator("#scopes-error")).ToContainTextAsync("must name at least one scope");
        await Expect(Page.Locator("#scopes")).ToBeFocusedAsync();
        await Expect(Page.Locator("#allowed_ips-error")).ToContainTextAsync("is not an IP address such as 203.0.113.7");
        await Expect(Page.GetByLabel("Allowed addresses")).ToHaveValueAsync("203.0.113.7/24");
        await Expect(Page.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("Nightly");
        await Expect(Page.GetByLabel("Owner")).ToHaveValueAsync("nobody@example.com");
        Assert.Empty(await Page.FaultsAsync());
    }

    [Fact]
    public async Task A_value_is_shown_once_whoever_goes_back_or_sends_the_form_again()
    {
        await OpenFormAsync();
        await Page.Locator("input[value='search:read']").CheckAsync();
        var name = $"Once {Base62.Random(8)}";
        await Page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        await SubmitAsync();
        var value = await Page.Locator("#value").InnerTextAsync();
        Assert.Contains(value, await Page.Locator("#curl").InnerTextAsync(), StringComparison.Ordinal);

        var warned = 0;
        Page.Dialog += async (_, dialog) =>
        {
            warned++;
            await dialog.AcceptAsync();
        };
        await Page.ReloadAsync();
        await Expect(Page.GetByRole(AriaRole.Heading, new() { Name = name })).ToBeVisibleAsync(); // the page of the key
        Assert.DoesNotContain(value, await Page.ContentAsync(), StringComparison.Ordinal);
        Assert.Equal(1, warned);
        await Page.GoBackAsync(); // to the form as it was
        await Page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        await Page.Locator("input[value='search:read']").CheckAsync();
        await SubmitAsync();
        Assert.NotEqual(value, await Page.Locator("#value").InnerTextAsync());
        Assert.Equal(2, (await Server.ListAsync($"?search={Uri.EscapeDataString(name)}")).GetProperty("total").GetInt32());
        Assert.DoesNotContain(value[^49..^6], string.Join('\n', Server.Logs.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_is_sent_twice_makes_one_key_and_shows_its_value_once()
    {
        var tab = await OpenAsync(new() { JavaScriptEnabled = false });
        await tab.SignInAsync(Server.OperatorKey.Value);
        await tab.GotoAsync("/console/keys/new");
        await tab.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("Sent twice");
        await tab.Page.Locator("input[value='search:read']").CheckAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Create the key" }).ClickAsync();
        var value = await tab.Page.Locator("#value").InnerTextAsync();

        await tab.Page.ReloadAsync(); // which sends the form again

        await Expect(tab.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The key was made when this form was sent first.");
        Assert.DoesNotContain(value, await tab.Page.ContentAsync(), StringComparison.Ordinal);
        Assert.Equal(1, (await Server.ListAsync("?search=Sent%20twice")).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Without_scripts_it_works_as_well()
    {
        var tab = await OpenAsync(new() { JavaScriptEnabled = false });
        await tab.SignInAsync(Server.OperatorKey.Value);
        await tab.GotoAsync("/console/keys/new");
        await tab.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("Without scripts");
        await tab.Page.Locator("input[value='search:read']").CheckAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Create the key" }).ClickAsync();

        await Server.CallAsync(await tab.Page.Locator("#value").InnerTextAsync(), "/api/v1/search?q=a").ShouldBeAcceptedAsync();
        await tab.Page.GetByLabel("I have stored it.").CheckAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Without scripts" })).ToBeVisibleAsync();

        await tab.GotoAsync("/console/keys");
        await tab.Page.GetByLabel("Search by name").FillAsync("without scr");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Expect(tab.Page.Locator("tbody tr")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Nothing_is_made_when_the_session_s_key_is_revoked_meanwhile()
    {
        var key = await Server.CreateKeyAsync(new { name = "Administrator", roles = new[] { "admin" } });
        await OpenFormAsync(key.Value);
        await Page.GetByLabel("Name", new() { Exact = true }).FillAsync("Too late");
        await Page.Locator("input[value='search:read']").CheckAsync();

        await Server.RevokeAsync(key.KeyId);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Create the key" }).ClickAsync();

        await Expect(Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Your session has ended: the key that you signed in with was revoked.");
        Assert.Equal(0, (await Server.ListAsync("?search=Too%20late")).GetProperty("total").GetInt32());
    }

    private async Task OpenFormAsync(string? key = null)
    {
        await Tab.SignInAsync(key ?? Server.OperatorKey.Value);
        await Tab.GotoAsync("/console/keys/new");
        await Page.GetByLabel("Name", new() { Exact = true }).FillAsync("Nightly");
    }

    private async Task SubmitAsync()
    {
        await Page.GetByRole(AriaRole.Button, new() { Name = "Create the key" }).ClickAsync();
        await Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "Copy the key now" })).ToBeVisibleAsync();
    }

    /// <summary>Of the key whose value is shown.</summary>
    private async Task<string> IdAsync() => ApiKeyValue.TryParse(await Page.Locator("#value").InnerTextAsync(), out var value) ? value.KeyId : "none";
}
