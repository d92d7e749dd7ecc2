using System.Net.Sockets;
using System.Text;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Http;

/// <summary>A request whose body comes when its key is dead already: it is the key of that moment that counts.</summary>
public sealed class SlowBodyTests(KestrelTestServer server) : IClassFixture<KestrelTestServer>
{
    [Fact]
    public async Task A_revoked_key_makes_no_other_with_a_request_that_it_has_begun_before()
    {
        var thief = await server.CreateKeyAsync(new { name = "Stolen", roles = new[] { "admin" } });
        using var begun = await BeginAsync("/api/admin/api-keys", thief.Value);

        await server.RevokeAsync(thief.KeyId);

        Assert.StartsWith("HTTP/1.1 401 ", await begun.EndAsync("""{"name": "Another", "scopes": ["search:read"]}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_that_was_replaced_does_not_rotate_the_key_once_more()
    {
        var stolen = await server.CreateKeyAsync("incidents:read", "self:rotate");
        using var begun = await BeginAsync("/api/v1/me/rotate", stolen.Value);

        var rotated = await server.RotateAsync(stolen.KeyId, new { grace_period_days = 0 });

        Assert.StartsWith("HTTP/1.1 401 ", await begun.EndAsync("{}"), StringComparison.Ordinal);
        await server.CallAsync(rotated.Text("api_key")!).ShouldBeAcceptedAsync();
    }

    [Fact]
    public async Task A_revoked_service_is_told_nothing_of_a_key_for_which_it_has_asked_before()
    {
        var (service, key) = (await server.CreateKeyAsync("api-keys:verify"), await server.CreateKeyAsync());
        using var begun = await BeginAsync("/api/v1/api-keys/verify", service.Value);

        await server.RevokeAsync(service.KeyId);

        Assert.StartsWith("HTTP/1.1 401 ", await begun.EndAsync($$"""{"api_key": "{{key.Value}}"}"""), StringComparison.Ordinal);
    }

    /// <summary>Until the server asks for the body.</summary>
    private async Task<Begun> BeginAsync(string path, string key)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-API-Key: {key}\r\nContent-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"));
        var reader = new StreamReader(stream, Encoding.ASCII);
        Assert.Equal("HTTP/1.1 100 Continue", await reader.ReadLineAsync());
        Assert.Equal("", await reader.ReadLineAsync());
        return new Begun(client, reader);
    }

    private sealed class Begun(TcpClient client, StreamReader reader) : IDisposable
    {
        /// <returns>The answer.</returns>
        public async Task<string> EndAsync(string body)
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{body.Length:x}\r\n{body}\r\n0\r\n\r\n"));
            return await reader.ReadToEndAsync();
        }

        public void Dispose()
        {
            reader.Dispose();
            client.Dispose();
        }
    }
}
