using System.Net;
using ApiKeys.Server.Console;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Console;

/// <summary>What every answer under <c>/console</c> has, the bad ones too.</summary>
public sealed class ConsoleAnswersTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Html = "text/html; charset=utf-8";

    private static readonly Dictionary<string, string> Policy = new()
    {
        ["Content-Security-Policy"] =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
            + "frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'",
        ["X-Content-Type-Options"] = "nosniff",
        ["X-Frame-Options"] = "DENY",
        ["Referrer-Policy"] = "same-origin",
        ["Cross-Origin-Opener-Policy"] = "same-origin",
        ["Cross-Origin-Resource-Policy"] = "same-origin",
    };

    [Theory]
    [InlineData("/console", 200)]
    [InlineData("/console/sign-in", 200)]
    [InlineData("/console/keys", 200)]
    [InlineData("/console/keys?status=nonsense", 400)]
    [InlineData("/console/nothing/here", 404)]
    [InlineData("/console/assets/0123456789abcdef/console.css", 404)]
    [InlineData("/console/sign-out", 405)]
    public async Task Each_says_what_the_page_may_and_that_nobody_keeps_it(string path, int status)
    {
        var visit = await Visit.SignedInAsync(server);

        var answer = await visit.GetAsync(path);

        Assert.Equal(status, answer.Status);
        ShouldHavePolicy(answer);
    }

    [Fact]
    public async Task What_is_refused_and_what_fails_has_it_too()
    {
        ShouldHavePolicy(await Visit.To(server).GetAsync("/console/keys"));
        var visit = await Visit.SignedInAsync(server);
        var refused = await visit.PostWithoutTokenAsync("/console/sign-out");
        Assert.Equal(400, refused.Status);
        ShouldHavePolicy(refused);

        await server.ExecuteSqlWithoutWaitingAsync($"alter table key_usage rename to gone");
        var failed = await visit.GetAsync("/console/keys");
        await server.ExecuteSqlWithoutWaitingAsync($"alter table gone rename to key_usage");

        Assert.Equal((500, Html), (failed.Status, failed.Headers["Content-Type"]));
        Assert.Matches("tell the operator this trace id: [0-9a-f]{32}", failed.Text);
        Assert.DoesNotContain("key_usage", failed.Text, StringComparison.Ordinal);
        ShouldHavePolicy(failed);
    }

    [Fact]
    public async Task An_address_that_leads_nowhere_is_a_page_for_who_is_signed_in_and_the_way_in_for_who_is_not()
    {
        var visit = await Visit.SignedInAsync(server);

        var answer = await visit.GetAsync("/console/nothing-here");

        Assert.Equal((404, Html), (answer.Status, answer.Headers["Content-Type"]));
        Assert.StartsWith("<!DOCTYPE html>", answer.Html, StringComparison.Ordinal);
        Assert.Contains("<title>There is nothing here · ApiKeys</title>", WebUtility.HtmlDecode(answer.Html), StringComparison.Ordinal);
        Assert.Equal("/console/sign-in?return=%2Fconsole%2Fnothing-here", (await Visit.To(server).GetAsync("/console/nothing-here")).Location);
    }

    [Fact]
    public async Task The_files_of_pages_are_everybodys_and_kept_for_ever()
    {
        var visit = Visit.To(server);

        foreach (var (name, type) in new[] { ("console.css", "text/css; charset=utf-8"), ("console.js", "text/javascript; charset=utf-8"), ("icons.svg", "image/svg+xml") })
        {
            var answer = await visit.GetAsync(ConsoleAssets.UrlOf(name));

            Assert.Equal((200, type), (answer.Status, answer.Headers["Content-Type"]));
            Assert.Equal("public, max-age=31536000, immutable", answer.Headers["Cache-Control"]);
            Assert.Empty(answer.SetCookies);
        }
    }

    [Fact]
    public async Task A_file_that_caches_share_says_nothing_of_who_asked_for_it()
    {
        var key = await server.CreateKeyAsync("api-keys:read");
        var visit = await Visit.SignedInAsync(server, key.Value);
        await server.RevokeAsync(key.KeyId);

        var answer = await visit.GetAsync(ConsoleAssets.UrlOf("console.css"));

        Assert.Equal(200, answer.Status);
        Assert.Empty(answer.SetCookies);
    }

    [Theory]
    [InlineData("/Console/keys")]
    [InlineData("/CONSOLE/audit.csv")]
    [InlineData("/console/Organization")]
    [InlineData("/cOnSoLe/nothing-here")]
    public async Task An_address_in_other_letters_is_guarded_as_the_same_address(string path)
    {
        var visit = Visit.To(server);
        visit.Headers["X-API-Key"] = server.OperatorKey.Value; // which is no session

        var answer = await visit.GetAsync(path);

        Assert.Equal((302, $"/console/sign-in?return={Uri.EscapeDataString(path)}"), (answer.Status, answer.Location));
        ShouldHavePolicy(answer);
    }

    [Fact]
    public async Task An_address_in_other_letters_is_a_page_for_who_is_signed_in()
    {
        var visit = await Visit.SignedInAsync(server);

        Assert.Equal(200, (await visit.GetAsync("/Console/Keys")).Status);
        var answer = await Visit.To(server).SignInAsync(server.OperatorKey.Value, "/Console/Sign-In");
        Assert.Equal((303, "/console/keys"), (answer.Status, answer.Location));
    }

    [Fact]
    public async Task The_root_leads_to_the_console()
    {
        var answer = await Visit.To(server).GetAsync("/");

        Assert.Equal((302, "/console"), (answer.Status, answer.Location));
    }

    private static void ShouldHavePolicy(Visit.Reply answer)
    {
        foreach (var (name, value) in Policy)
            Assert.Equal(value, answer.Headers[name]);

        Assert.Contains("no-store", answer.Headers["Cache-Control"], StringComparison.Ordinal);
    }
}
