using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Console;

/// <summary>Who signs in comes to the page that he wanted, and a link cannot send him anywhere else.</summary>
public sealed class ReturnPathTests(TestServer server) : IClassFixture<TestServer>
{
    [Theory]
    [InlineData("/console/members")]
    [InlineData("/console/keys?status=revoked&search=a%20b")]
    [InlineData("/console/keys?search=https://example.com//")]
    public async Task He_comes_to_the_page_that_he_wanted(string wanted)
    {
        var visit = Visit.To(server);
        var sent = await visit.GetAsync(wanted);
        Assert.Equal((302, $"/console/sign-in?return={Uri.EscapeDataString(wanted)}"), (sent.Status, sent.Location));

        var answer = await visit.SignInAsync(server.OperatorKey.Value, sent.Location!);

        Assert.Equal((303, wanted), (answer.Status, answer.Location));
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("///evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("https://evil.example/console/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/\\evil.example")]
    [InlineData("/console/\\..\\..\\\\evil.example")]
    [InlineData("/console/../..//evil.example")]
    [InlineData("/console/..//evil.example")]
    [InlineData("/console/%2e%2e//evil.example")]
    [InlineData("/console/.%2E/swagger")]
    [InlineData("/console/keys/../../swagger")]
    [InlineData("/console/\t/evil.example")]
    [InlineData("/console/\r\nSet-Cookie: a=b")]
    [InlineData("/consoleevil")]
    [InlineData("/console.evil.example")]
    [InlineData("/swagger")]
    [InlineData("console/keys")]
    [InlineData("@evil.example")]
    [InlineData("")]
    public async Task A_link_sends_him_nowhere_else(string wanted)
    {
        var answer = await Visit.To(server).SignInAsync(server.OperatorKey.Value, $"/console/sign-in?return={Uri.EscapeDataString(wanted)}");

        Assert.Equal((303, "/console/keys"), (answer.Status, answer.Location));
        Assert.All(answer.SetCookies, cookie => Assert.StartsWith("apikeys-", cookie, StringComparison.Ordinal));
    }
}
