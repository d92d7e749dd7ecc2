using System.Net.Http.Headers;
using System.Text.Json;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>What tests say of answers.</summary>
internal static class Answers
{
    public static async Task<JsonElement> ReadJsonAsync(this HttpResponseMessage response, int status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == (int)response.StatusCode, $"{(int)response.StatusCode} instead of {status}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>The whole document: exactly the members that API errors have, each as it must be.</summary>
    public static async Task<JsonElement> ShouldBeProblemAsync(
        this HttpResponseMessage response, int status, string code, string? detail = null, string? challenge = null)
    {
        var problem = await response.ReadJsonAsync(status);
        Assert.Equal(MediaTypeHeaderValue.Parse("application/problem+json"), response.Content.Headers.ContentType);
        Assert.Equal($"urn:problem-type:apikeys:{code}", problem.GetProperty("type").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.Matches("^[0-9a-f]{32}$", problem.GetProperty("trace_id").GetString());
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        if (detail is not null)
            Assert.Equal(detail, problem.GetProperty("detail").GetString());

        string[] members = ["type", "title", "status", "detail", "code", "trace_id"];
        var further = problem.EnumerateObject().Select(member => member.Name).Except(members);
        Assert.All(further, member => Assert.Equal("errors", member));
        Assert.Equal(challenge is null ? [] : [challenge], response.Headers.WwwAuthenticate.Select(header => header.ToString()));
        Assert.Equal(status is 429 or 503, response.Headers.RetryAfter is not null);
        return problem;
    }

    public static async Task<JsonElement> ShouldBeProblemAsync(
        this Task<HttpResponseMessage> response, int status, string code, string? detail = null, string? challenge = null) =>
        await (await response).ShouldBeProblemAsync(status, code, detail, challenge);

    /// <summary>400 <c>validation_failed</c>, with messages for exactly these fields.</summary>
    public static async Task ShouldBeInvalidAsync(this Task<HttpResponseMessage> response, params string[] fields)
    {
        var problem = await response.ShouldBeProblemAsync(400, "validation_failed");
        var errors = problem.GetProperty("errors").EnumerateObject().ToDictionary(field => field.Name, field => field.Value);
        Assert.Equal(fields.Order(), errors.Keys.Order());
        Assert.All(errors.Values, messages => Assert.All(messages.EnumerateArray(), message => Assert.NotEmpty(message.GetString()!)));
    }

    public static async Task ShouldBeAcceptedAsync(this Task<HttpResponseMessage> response)
    {
        using var answer = await response;
        await answer.ReadJsonAsync(200);
    }

    public const string InvalidToken = "Bearer error=\"invalid_token\"";

    public static Task<JsonElement> ShouldBeInvalidKeyAsync(this Task<HttpResponseMessage> response) => response.ShouldBeProblemAsync(
        401, "invalid_key",
        "The API key is not valid. Check that the whole key was copied, and that it was not replaced by a rotation.", InvalidToken);

    public static string? Text(this JsonElement element, string member) => element.GetProperty(member).GetString();

    /// <summary>The whole object but for one member.</summary>
    public static string But(this JsonElement element, string member) =>
        string.Join(',', element.EnumerateObject().Where(property => property.Name != member).Select(property => $"{property}"));

    public static DateTimeOffset? Instant(this JsonElement element, string member) =>
        element.GetProperty(member) is { ValueKind: JsonValueKind.String } text ? text.GetDateTimeOffset() : null;

    public static IEnumerable<string?> Texts(this JsonElement element, string member) =>
        element.GetProperty(member).EnumerateArray().Select(text => text.GetString());
}
