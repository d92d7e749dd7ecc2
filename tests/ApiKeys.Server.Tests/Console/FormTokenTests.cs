using System.Net.Sockets;
using System.Text;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Console;

/// <summary>A form is taken only from a page that this browser was given, and is judged when it is there.</summary>
public sealed class FormTokenTests(KestrelTestServer server) : IClassFixture<KestrelTestServer>
{
    [Fact]
    public async Task A_form_without_a_token_is_refused_and_nothing_is_done()
    {
        var visit = await Visit.SignedInAsync(server);

        ShouldBeTooOld(await visit.PostWithoutTokenAsync("/console/sign-out"));

        await visit.ShouldBeInAsync();
    }

    [Fact]
    public async Task Nobody_is_signed_in_by_a_form_of_another_site()
    {
        var visit = Visit.To(server);
        await visit.GetAsync("/console/sign-in");

        ShouldBeTooOld(await visit.PostWithoutTokenAsync("/console/sign-in", ("_handler", "sign-in"), ("api_key", server.OperatorKey.Value)));

        Assert.DoesNotContain(Visit.SessionCookie, visit.Cookies.Keys);
    }

    [Fact]
    public async Task The_token_of_another_browser_is_refused()
    {
        var other = await Visit.SignedInAsync(server);
        await other.GetAsync("/console/keys");
        var visit = await Visit.SignedInAsync(server);

        ShouldBeTooOld(await visit.PostWithoutTokenAsync("/console/sign-out", ("__RequestVerificationToken", other.Token)));

        await visit.ShouldBeInAsync();
    }

    [Fact]
    public async Task The_token_of_somebody_else_in_the_same_browser_is_refused()
    {
        var visit = await Visit.SignedInAsync(server);
        await visit.GetAsync("/console/keys");
        var token = visit.Token;
        await visit.SignInAsync((await server.CreateKeyAsync("api-keys:read")).Value);

        ShouldBeTooOld(await visit.PostWithoutTokenAsync("/console/sign-out", ("__RequestVerificationToken", token)));
    }

    [Fact]
    public async Task A_form_that_arrives_after_its_key_was_revoked_does_nothing()
    {
        var key = await server.CreateKeyAsync(new { name = "Stolen", roles = new[] { "admin" } });
        var visit = await Visit.SignedInAsync(server, key.Value);
        await visit.GetAsync("/console/keys");
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        var stream = client.GetStream();
        var body = $"__RequestVerificationToken={Uri.EscapeDataString(visit.Token)}";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /console/sign-out HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: {visit.CookieHeader}\r\n"
            + $"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {body.Length}\r\nExpect: 100-continue\r\n\r\n"));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        Assert.Equal("HTTP/1.1 100 Continue", await reader.ReadLineAsync());

        await server.RevokeAsync(key.KeyId);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(body));

        // Not "out": it did not come as far as the end of the session.
        Assert.Contains("\r\nLocation: /console/sign-in?ended=revoked_key\r\n", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2_000, 1, 400)] // fields
    [InlineData(1, 100_000, 413)]
    public async Task A_form_that_cannot_be_read_is_refused_and_is_no_failure_of_ours(int fields, int length, int status)
    {
        var visit = Visit.To(server);
        await visit.GetAsync("/console/sign-in");

        var answer = await visit.PostAsync("/console/sign-in", [.. Enumerable.Range(0, fields).Select(i => ($"f{i}", new string('a', length)))]);

        Assert.Equal(status, answer.Status);
        Assert.Contains("Nothing was done.", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    private static void ShouldBeTooOld(Visit.Reply answer)
    {
        Assert.Equal(400, answer.Status);
        Assert.Contains("This form cannot be taken", answer.Text, StringComparison.Ordinal);
    }
}
