using System.Text;
using System.Text.Json;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>Requests with an <c>Idempotency-Key</c>, and all that is answered to them.</summary>
internal static class IdempotentCalls
{
    public const string KeysPath = "/api/admin/api-keys";
    public const string AKey = """{"name": "A key", "scopes": ["incidents:read"]}""";

    public static string RotateOf(string keyId) => $"{KeysPath}/{keyId}/rotate";

    /// <summary>As a client should choose it: random, and new for every request.</summary>
    public static string NewHeader(this TestServer server) => Guid.CreateVersion7(server.Clock.GetUtcNow()).ToString();

    /// <param name="client">Who asks.</param>
    /// <param name="path">What for.</param>
    /// <param name="headers">Sent as they are, however wrong.</param>
    /// <param name="body">JSON to the letter; null for no body at all.</param>
    public static async Task<HttpResponseMessage> SendOnceAsync(this HttpClient client, string path, string[] headers, string? body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : Body.Json(body) };
        Assert.True(request.Headers.TryAddWithoutValidation("Idempotency-Key", headers));
        return await client.SendAsync(request);
    }

    public static Task<HttpResponseMessage> SendOnceAsync(this HttpClient client, string path, string header, string? body) =>
        client.SendOnceAsync(path, [header], body);

    public static async Task<WholeAnswer> PostOnceAsync(this HttpClient client, string path, string header, string? body)
    {
        using var response = await client.SendOnceAsync(path, header, body);
        return await WholeAnswer.ReadAsync(response);
    }

    /// <summary>How often something was done to a key, as the audit trail has it.</summary>
    public static async Task<int> CountDoneAsync(this TestServer server, string keyId, string action) => (await server.QuerySqlAsync<int>(
        $"select count(*)::int as \"Value\" from audit_events where target_id = {keyId} and action = {action} and outcome = 'success'")).Single();

    public static async Task<int> CountAnswersAsync(this TestServer server) =>
        (await server.QuerySqlAsync<int>($"select count(*)::int as \"Value\" from idempotent_answers")).Single();
}

/// <summary>
/// All of an answer that a client may rely on, so that two compare to the last byte; of its body a character is a byte.
/// </summary>
internal sealed record WholeAnswer(
    int Status, string? ContentType, string? CacheControl, Uri? Location, string? ETag, string Bytes, bool IsReplay)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Encoding.Latin1.GetBytes(Bytes));

    public string KeyId => Json.Text("key_id")!;

    public string Value => Json.Text("api_key")!;

    public static async Task<WholeAnswer> ReadAsync(HttpResponseMessage response) => new(
        (int)response.StatusCode,
        response.Content.Headers.ContentType?.ToString(),
        response.Headers.CacheControl?.ToString(),
        response.Headers.Location,
        response.Headers.ETag?.ToString(),
        Encoding.Latin1.GetString(await response.Content.ReadAsByteArrayAsync()),
        response.Headers.TryGetValues("Idempotent-Replayed", out var values) && values.Single() == "true");

    /// <summary>Done now, and not told again.</summary>
    public void ShouldBeFirst(int status) => Assert.True(status == Status && !IsReplay, ToString());

    /// <summary>The same to the last byte, and it says so.</summary>
    public void ShouldBeReplayOf(WholeAnswer first)
    {
        Assert.False(first.IsReplay);
        Assert.Equal(first with { IsReplay = true }, this);
    }
}
