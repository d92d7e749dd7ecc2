using System.Net.Sockets;
using System.Text;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Http;

/// <summary>Over a real socket, since a real server enforces half of it.</summary>
public sealed class HostileInputTests(KestrelTestServer server) : IClassFixture<KestrelTestServer>
{
    private const string Path = "/api/admin/api-keys";

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{'name': 'single quotes'}")]
    [InlineData("{\"name\": \"A\",}")]
    [InlineData("{\"name\": \"A\"} trailing")]
    [InlineData("{\"name\": \"A\nB\"}")]
    [InlineData("{/* comment */}")]
    public async Task What_is_no_JSON_object_is_400_malformed_json(string body) =>
        await server.Operator.PostAsync(Path, Body.Json(body)).ShouldBeProblemAsync(400, "malformed_json");

    [Fact]
    public async Task Bytes_that_are_no_UTF8_are_400() =>
        await server.Operator.PostAsync(Path, Body.Bytes([.. "{\"name\": \""u8, 0xff, 0xfe, .. "\"}"u8])).ShouldBeProblemAsync(400, "malformed_json");

    [Fact]
    public async Task JSON_that_is_nested_deeply_is_400() =>
        await server.Operator.PostAsync(Path, Body.Json(new string('[', 5000) + new string(']', 5000)))
            .ShouldBeProblemAsync(400, "malformed_json");

    [Fact]
    public async Task A_megabyte_is_413_with_and_without_a_length()
    {
        var body = Encoding.UTF8.GetBytes($$"""{"name": "{{new string('x', 1_000_000)}}"}""");

        await server.Operator.PostAsync(Path, Body.Bytes(body)).ShouldBeProblemAsync(413, "payload_too_large");

        using var chunked = new HttpRequestMessage(HttpMethod.Post, Path) { Content = Body.Bytes(body) };
        chunked.Headers.TransferEncodingChunked = true;
        await server.Operator.SendAsync(chunked).ShouldBeProblemAsync(413, "payload_too_large");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/xml")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=nope")]
    public async Task What_is_not_JSON_is_415(string mediaType) =>
        await server.Operator.PostAsync(Path, Body.Bytes("{}"u8.ToArray(), mediaType)).ShouldBeProblemAsync(415, "unsupported_media_type");

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=UTF-8")]
    [InlineData("application/json; charset=\"utf-8\"")]
    [InlineData("application/vnd.acme+json")]
    public async Task JSON_is_JSON_however_it_is_labelled(string mediaType) =>
        Assert.Equal(201, (int)(await server.Operator.PostAsync(
            Path, Body.Bytes("""{"name": "A", "scopes": ["incidents:read"]}"""u8.ToArray(), mediaType))).StatusCode);

    [Fact]
    public async Task An_unknown_path_is_404_and_a_wrong_method_405()
    {
        await server.Operator.GetAsync("/api/nothing").ShouldBeProblemAsync(404, "not_found");
        await server.Operator.PutAsync(Path, Body.Json("{}")).ShouldBeProblemAsync(405, "method_not_allowed");
    }

    [Theory]
    [InlineData("X-API-Key: {key}\r\nX-API-Key: {key}\r\n", "HTTP/1.1 400", "ambiguous_credentials")]
    [InlineData("X-API-Key: {key}\r\nAuthorization: Bearer {key}\r\n", "HTTP/1.1 400", "ambiguous_credentials")]
    [InlineData("X-API-Key: {key}\r\nX-API-Key:\r\n", "HTTP/1.1 400", "ambiguous_credentials")]
    [InlineData("X-API-Key: gr\u00fc\u00dfe\r\n", "HTTP/1.1 401", "invalid_key")]
    [InlineData("X-API-Key:  {key}  \r\n", "HTTP/1.1 200", "api_keys")]
    [InlineData("X-API-Key: {key}\0\r\n", "HTTP/1.1 400", "")]
    [InlineData("X-API-Key: {long}\r\n", "HTTP/1.1 431", "")]
    public async Task Headers_are_read_as_they_come_off_the_wire(string headers, string status, string code)
    {
        var sent = headers
            .Replace("{key}", server.OperatorKey.Value, StringComparison.Ordinal)
            .Replace("{long}", new string('x', 64 * 1024), StringComparison.Ordinal);

        var answer = await SendRawAsync($"GET {Path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{sent}\r\n");

        Assert.StartsWith(status, answer, StringComparison.Ordinal);
        Assert.Contains(code, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Idempotency-Key:\r\n", "HTTP/1.1 400", "validation_failed")]
    [InlineData("Idempotency-Key: gr\u00fc\u00dfe-000000000000\r\n", "HTTP/1.1 400", "validation_failed")]
    [InlineData("Idempotency-Key: 00000000-0000-one\r\nIdempotency-Key: 00000000-0000-one\r\n", "HTTP/1.1 400", "validation_failed")]
    [InlineData("Idempotency-Key: 00000000-0000-two\r\nidempotency-key:\r\n", "HTTP/1.1 400", "validation_failed")]
    [InlineData("Idempotency-Key:  00000000-000-three  \r\n", "HTTP/1.1 201", "api_key")]
    public async Task An_idempotency_key_is_read_as_it_comes_off_the_wire(string headers, string status, string code)
    {
        const string body = """{"name": "A", "scopes": ["incidents:read"]}""";

        var answer = await SendRawAsync(
            $"POST {Path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-API-Key: {server.OperatorKey.Value}\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n{headers}\r\n{body}");

        Assert.StartsWith(status, answer, StringComparison.Ordinal);
        Assert.Contains(code, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/admin/api-keys/k_%00")]
    [InlineData("/api/admin/api-keys/%ff%fe")]
    [InlineData("/api/admin/api-keys/..%2f..%2fetc")]
    [InlineData("/api/admin/api-keys/k_0000000000000000000000000000000000000000000000000")]
    public async Task No_path_makes_an_error_of_ours(string path)
    {
        var answer = await SendRawAsync(
            $"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-API-Key: {server.OperatorKey.Value}\r\n\r\n");

        Assert.Matches("^HTTP/1.1 40[04]", answer);
    }

    [Fact]
    public async Task A_client_that_goes_away_in_the_middle_of_its_body_makes_no_key()
    {
        var before = (await server.ListAsync()).GetProperty("total").GetInt32();
        var requests = server.Logs.Lines.Count(IsCreate);
        using (var socket = await ConnectAsync())
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(
                $"POST {Path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n"
                + $"X-API-Key: {server.OperatorKey.Value}\r\n\r\n{{\"name\": \"half"));
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (server.Logs.Lines.Count(IsCreate) == requests)
            await Task.Delay(10, patience.Token); // until the host has noticed

        Assert.Equal(before, (await server.ListAsync()).GetProperty("total").GetInt32());
        Assert.DoesNotContain(server.Logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    private static bool IsCreate(string line) => line.Contains($"POST {Path} answered", StringComparison.Ordinal);

    private async Task<string> SendRawAsync(string request)
    {
        using var socket = await ConnectAsync();
        await using var stream = new NetworkStream(socket);
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        }
        catch (IOException)
        {
            // It answered and hung up before it had read all.
        }

        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Address.Host, server.Address.Port);
        return socket;
    }
}
