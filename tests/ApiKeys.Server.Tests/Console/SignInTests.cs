using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ApiKeys.Server.Tests.Console;

/// <summary>The way in, as a person goes it.</summary>
public sealed class SignInTests(ConsoleServer server) : BrowserTest(server), IClassFixture<ConsoleServer>
{
    private const string Invalid = "The API key is not valid. Check that the whole key was copied, and that it was not replaced by a rotation.";

    private const string Hint = "It begins with sk_live_k_. It is exchanged for a session, and kept neither here nor in your browser.";

    private ILocator Alert => Page.GetByRole(AriaRole.Alert);

    [Fact]
    public async Task An_operator_comes_to_the_list_of_keys_and_out_again()
    {
        await Tab.SignInAsync(Server.OperatorKey.Value);

        await Expect(Page).ToHaveTitleAsync("Keys · ApiKeys");
        Assert.Equal("/console/keys", Path);
        await Expect(Page.GetByRole(AriaRole.Banner).GetByText("Operator")).ToBeVisibleAsync();
        await ShouldKeepNothingAsync(Server.OperatorKey.Value);

        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("You are signed out.");
        await Page.GoBackAsync();
        await Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync(); // no page is shown from memory
    }

    [Fact]
    public async Task Who_wanted_a_page_comes_to_it()
    {
        await Tab.GotoAsync("/console/keys?status=revoked&search=pager");

        await Tab.PresentAsync(Server.OperatorKey.Value);

        await Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "API keys" })).ToBeVisibleAsync();
        Assert.Equal("/console/keys?status=revoked&search=pager", Path);
        await Expect(Page.GetByLabel("Search by name")).ToHaveValueAsync("pager");
    }

    [Fact]
    public async Task With_the_keyboard_alone()
    {
        await Tab.GotoAsync("/console/sign-in");
        await Expect(Page.GetByLabel("Administration key")).ToBeFocusedAsync();

        await Page.Keyboard.TypeAsync(Server.OperatorKey.Value);
        await Page.Keyboard.PressAsync("Enter");

        await Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "API keys" })).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("sk_live_k_7Fq2mZ81xY4c_00000000000000000000000000000000000000000000000000")]
    public async Task What_is_no_key_is_told_so(string value) => await ShouldBeRefusedAsync(value, Invalid);

    [Fact]
    public async Task A_wrong_secret_is_told_no_more_than_garbage() =>
        await ShouldBeRefusedAsync(ApiKeyValue.Generate("sk", KeyEnvironment.Live, Server.OperatorKey.KeyId).Reveal(), Invalid);

    [Fact]
    public async Task A_revoked_key_is_told_so()
    {
        var key = await Server.CreateKeyAsync("api-keys:read");
        await Server.RevokeAsync(key.KeyId);

        await ShouldBeRefusedAsync(key.Value, "The API key was revoked and will never work again. Ask an administrator for a new one.");
    }

    [Fact]
    public async Task An_expired_key_is_told_so()
    {
        var key = await Server.CreateKeyAsync(new { name = "Short", scopes = new[] { "api-keys:read" }, expires_in_days = 1 });
        Server.Clock.Advance(TimeSpan.FromDays(1));

        await ShouldBeRefusedAsync(key.Value, "The API key has expired. Ask an administrator to rotate it with a new expiry, or to create another.");
    }

    [Fact]
    public async Task A_key_that_manages_nothing_is_told_so()
    {
        var key = await Server.CreateKeyAsync("incidents:read");

        await ShouldBeRefusedAsync(key.Value, "This API key is good, but manages nothing: it holds no scope such as api-keys:read. Sign in with an administration key.");
    }

    [Fact]
    public async Task A_session_that_ends_while_a_page_is_open_says_why_and_leads_back()
    {
        var key = await Server.CreateKeyAsync(new { name = "Administrator", roles = new[] { "admin" } });
        await Tab.SignInAsync(key.Value);
        await Server.RevokeAsync(key.KeyId);

        await Page.GetByRole(AriaRole.Link, new() { Name = "Revoked", Exact = true }).ClickAsync();
        await Expect(Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Your session has ended: the key that you signed in with was revoked.");

        await Tab.PresentAsync(Server.OperatorKey.Value);
        await Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "API keys" })).ToBeVisibleAsync();
        Assert.Equal("/console/keys?status=revoked", Path);
    }

    private string Path => new Uri(Page.Url).PathAndQuery;

    private async Task ShouldBeRefusedAsync(string value, string message)
    {
        await Tab.GotoAsync("/console/sign-in");

        await Tab.PresentAsync(value);

        await Expect(Alert).ToHaveTextAsync(message);
        await Expect(Page.GetByLabel("Administration key")).ToHaveAccessibleDescriptionAsync($"{Hint} {message}");
        await Expect(Page.GetByLabel("Administration key")).ToHaveValueAsync("");
        Assert.Equal("/console/sign-in", Path);
        Assert.DoesNotContain(await Tab.Context.CookiesAsync(), cookie => cookie.Name == Visit.SessionCookie);
        await ShouldKeepNothingAsync(value);
    }

    /// <summary>The value is nowhere in the browser, nor in what the host logged or stored.</summary>
    private async Task ShouldKeepNothingAsync(string value)
    {
        var secret = value.Length > 60 ? value[^49..^10] : value;
        var kept = await Page.EvaluateAsync<string>(
            "() => [document.documentElement.outerHTML, location.href, JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie, document.referrer].join(' ')");
        var cookies = string.Join(' ', (await Tab.Context.CookiesAsync()).Select(cookie => cookie.Value));
        var tables = (await Server.QuerySqlAsync<string>($"select database_to_xml(true, false, '')::text as \"Value\"")).Single();

        foreach (var place in (string[])[kept, cookies, tables, .. Server.Logs.Lines])
            Assert.DoesNotContain(secret, place, StringComparison.Ordinal);
    }
}
