using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ApiKeys.Server.Tests.Console;

/// <summary>What the console's script does for who sees little, or has no mouse.</summary>
public sealed class ScriptTests(ConsoleServer server) : BrowserTest(server), IClassFixture<ConsoleServer>
{
    [Theory]
    [InlineData("requests", "0", "requests")]
    [InlineData("allowed_ips", "nowhere", "allowed_ips")]
    [InlineData("description", "short", "description")]
    public async Task After_a_refusal_one_is_at_the_field_that_it_is_about(string field, string text, string focused)
    {
        await Tab.SignInAsync(Server.OperatorKey.Value);
        await Tab.GotoAsync("/console/keys/new");
        await Page.GetByLabel("Name", new() { Exact = true }).FillAsync("A key");
        await Page.Locator("[name=scopes][value='incidents:read']").CheckAsync();
        await Page.Locator("summary").ClickAsync();
        await Page.Locator($"#{field}").FillAsync(text);
        await Page.EvaluateAsync("document.querySelector('main form').noValidate = true");

        await Page.GetByRole(AriaRole.Button, new() { Name = "Create the key" }).ClickAsync();

        await Expect(Page.Locator($"#{field}-error, #rate_limit-error").First).ToBeVisibleAsync();
        await Expect(Page.Locator($"#{focused}")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_date_is_asked_for_where_the_key_expires_on_one_and_only_there()
    {
        await Tab.SignInAsync(Server.OperatorKey.Value);
        await Tab.GotoAsync("/console/keys/new");
        var date = Page.Locator("#expiry_date");
        await Expect(date).Not.ToHaveAttributeAsync("required", "");

        await Page.GetByLabel("On a date").CheckAsync();
        await Expect(date).ToHaveAttributeAsync("required", "");

        await Page.GetByLabel("Never").CheckAsync();
        await Expect(date).Not.ToHaveAttributeAsync("required", "");
    }

    [Theory]
    [InlineData("/console/catalog", "incidents", "2 scopes, 1 role")]
    [InlineData("/console/keys", "nothing-has-this-name", "No keys")]
    public async Task What_a_search_has_found_is_said_where_screen_readers_listen_already(string path, string text, string said)
    {
        await Tab.SignInAsync(Server.OperatorKey.Value);
        await Tab.GotoAsync(path);
        var status = await Page.Locator("[role=status]").ElementHandleAsync();

        await Page.GetByRole(AriaRole.Searchbox).PressSequentiallyAsync(text);

        await Expect(Page.Locator("[role=status]")).ToContainTextAsync(said);
        Assert.True(await status.EvaluateAsync<bool>("status => status.isConnected"));
    }

    [Fact]
    public async Task Whose_session_ends_while_he_searches_comes_to_the_way_in_and_back()
    {
        var key = await Server.CreateKeyAsync(new { name = "Searcher", roles = new[] { "operator" } });
        await Tab.SignInAsync(key.Value);
        await Server.RevokeAsync(key.KeyId);

        await Page.GetByRole(AriaRole.Searchbox).PressSequentiallyAsync("incident");

        await Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await Tab.PresentAsync(Server.OperatorKey.Value);
        await Expect(Page.GetByRole(AriaRole.Searchbox)).ToHaveValueAsync("incident");
    }
}
