using System.Net.Sockets;
using System.Text;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Verification;

/// <summary>What is read without the framework's binding, over a real socket: it answers as every other endpoint does.</summary>
public sealed class AskedOverTheWireTests(KestrelTestServer server) : IClassFixture<KestrelTestServer>, IAsyncLifetime
{
    private const string Verify = "/api/v1/api-keys/verify";
    private const string Introspect = "/oauth2/introspect";
    private const string Json = "Content-Type: application/json\r\n";
    private const string Form = "Content-Type: application/x-www-form-urlencoded\r\n";

    private IssuedKey _service = null!;
    private IssuedKey _key = null!;

    public async Task InitializeAsync() => (_service, _key) =
        (await server.CreateKeyAsync(new { name = "Gateway", roles = new[] { "verifier" } }), await server.CreateKeyAsync());

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"api_key\": \"x\"")]
    [InlineData("{\"api_key\": \"x\"} trailing")]
    [InlineData("{\"api_key\": \"x\"}{}")]
    [InlineData("{\"api_key\": \"\u00ff\"}")] // which is sent as Latin-1
    [InlineData("[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]")]
    public async Task What_is_no_JSON_object_is_malformed(string body) => Answers(await SendAsync(Verify, Json, body), 400, "malformed_json");

    [Theory]
    [InlineData("{\"api_key\": \"x\", \"api_key\": \"y\"}")]
    [InlineData("{\"api_key\": 1}")]
    [InlineData("{\"API_KEY\": \"x\"}")]
    public async Task What_is_not_of_this_shape_is_invalid(string body) => Answers(await SendAsync(Verify, Json, body), 400, "validation_failed");

    [Theory]
    [InlineData("")]
    [InlineData("Content-Type:\r\n")]
    [InlineData("Content-Type: text/plain\r\n")]
    [InlineData("Content-Type: application/json, text/plain\r\n")]
    [InlineData("Content-Type: application/json\r\nContent-Type: text/plain\r\n")]
    [InlineData("Content-Type: application/json; charset=utf-16\r\n")]
    [InlineData(Form)]
    public async Task A_verification_that_is_not_JSON_is_415(string header) =>
        Answers(await SendAsync(Verify, header, """{"api_key": "x"}"""), 415, "unsupported_media_type");

    [Theory]
    [InlineData("")]
    [InlineData("Content-Type:\r\n")]
    [InlineData("Content-Type: multipart/form-data; boundary=x\r\n")]
    [InlineData("Content-Type: application/x-www-form-urlencoded, text/plain\r\n")]
    [InlineData(Json)]
    public async Task An_introspection_that_is_no_form_is_415(string header) =>
        Answers(await SendAsync(Introspect, header, "token=x"), 415, "unsupported_media_type");

    [Theory]
    [InlineData(Json, "{\"api_key\": \"KEY\"}")]
    [InlineData(Json, "\u00ef\u00bb\u00bf{\"api_key\": \"KEY\"}")]
    [InlineData(Json, "\r\n{\"api_key\": \"KEY\", \"scopes\": null, \"cost\": 0}\r\n")]
    [InlineData("content-type: Application/JSON; charset=\"utf-8\"\r\n", "{\"api_key\": \"KEY\"}")]
    [InlineData("Content-Type: application/vnd.acme+json\r\n", "{\"api_key\": \"KEY\"}")]
    [InlineData(Json + "Idempotency-Key: 00000000-0000-0001\r\n", "{\"api_key\": \"KEY\"}")]
    public async Task A_verification_may_be_written_in_many_ways(string headers, string body) =>
        Answers(await SendAsync(Verify, headers, body.Replace("KEY", _key.Value, StringComparison.Ordinal)), 200, "\"valid\":true");

    [Theory]
    [InlineData(Form, "token=KEY")]
    [InlineData(Form, "&%74oken=KEY&token_type_hint=access_token&&x")]
    [InlineData("Content-Type: Application/x-www-form-urlencoded; charset=utf-8\r\n", "a=b&token=KEY&Token=x")]
    public async Task An_introspection_may_be_written_in_many_ways(string headers, string body) => Answers(
        await SendAsync(Introspect, headers, body.Replace("KEY", _key.Value.Replace("_", "%5f", StringComparison.Ordinal), StringComparison.Ordinal)),
        200, "\"active\":true");

    [Theory]
    [InlineData("token=%00", 200, "\"active\":false")]
    [InlineData("token=%ff%zz+%", 200, "\"active\":false")]
    [InlineData("token=\u00ff", 200, "\"active\":false")]
    [InlineData("", 400, "validation_failed")]
    [InlineData("token", 400, "validation_failed")]
    [InlineData("token=a&&token=b", 400, "validation_failed")]
    [InlineData("token=a&token", 400, "validation_failed")]
    [InlineData("TOKEN=a", 400, "validation_failed")]
    public async Task What_is_no_token_is_inactive_or_missing(string body, int status, string text) =>
        Answers(await SendAsync(Introspect, Form, body), status, text);

    [Fact]
    public async Task Too_many_scopes_are_one_error()
    {
        var scopes = string.Join(',', Enumerable.Repeat("\"\"", 101));
        var answer = await SendAsync(Verify, Json, $$"""{"api_key": "x", "scopes": [{{scopes}}]}""");
        Answers(answer, 400, "\"errors\":{\"scopes\":[\"may be 100 at most.\"]}");
    }

    [Theory]
    [InlineData(Verify, Json)]
    [InlineData(Introspect, Form)]
    public async Task More_than_64_KiB_are_413_with_and_without_a_length(string path, string header)
    {
        var body = new string('x', 2_000_000); // more than fits into what lies between: all of it is read, and then the answer
        Answers(await SendAsync(path, header, body), 413, "payload_too_large");
        Answers(await ExchangeAsync($"{HeadOf(path, header)}Transfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n{body}\r\n0\r\n\r\n"), 413, "payload_too_large");
    }

    /// <summary>One that could not be read takes nothing from the next on the same connection.</summary>
    [Fact]
    public async Task Requests_may_come_one_after_the_other_and_in_pieces()
    {
        var good = $$"""{"api_key": "{{_key.Value}}"}""";
        var answer = await ExchangeAsync(
            RequestOf("{", close: false), RequestOf(good, close: false)[..^10], good[^10..] + RequestOf("null", close: false), RequestOf(good, close: true));

        string[] statuses = ["400", "200", "400", "200"];
        Assert.Equal(statuses, answer.Split("HTTP/1.1 ").Skip(1).Select(one => one[..3]));

        string RequestOf(string body, bool close) =>
            $"{(close ? HeadOf(Verify, Json) : HeadOf(Verify, Json).Replace("Connection: close\r\n", "", StringComparison.Ordinal))}Content-Length: {body.Length}\r\n\r\n{body}";
    }

    private static void Answers(string answer, int status, string text)
    {
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains(text, answer, StringComparison.Ordinal);
    }

    private string HeadOf(string path, string headers) =>
        $"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-API-Key: {_service.Value}\r\n{headers}";

    private Task<string> SendAsync(string path, string headers, string body) =>
        ExchangeAsync($"{HeadOf(path, headers)}Content-Length: {body.Length}\r\n\r\n{body}");

    private async Task<string> ExchangeAsync(params string[] pieces)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        var stream = client.GetStream();
        foreach (var piece in pieces)
            await stream.WriteAsync(Encoding.Latin1.GetBytes(piece));

        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }
}
