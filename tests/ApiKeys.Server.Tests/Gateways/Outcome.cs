using System.Net.Mime;
using System.Text.Json;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Gateways;

/// <summary>What can become of a request at a gateway.</summary>
internal enum Outcome
{
    Accepted,
    NoKey,
    Garbage,
    Expired,
    Revoked,
    WrongScope,
    OverTheLimit,
    ServiceDown,
}

/// <summary>What a client is answered.</summary>
/// <param name="Status">The status.</param>
internal sealed record Answered(int Status)
{
    /// <summary>The header <c>WWW-Authenticate</c>.</summary>
    public string? Challenge { get; init; }

    /// <summary>The <c>code</c> of the service's problem, where it is the body.</summary>
    public string? Code { get; init; }

    public bool HasRetryAfter { get; init; }

    /// <summary>Whether the headers <c>RateLimit</c> and <c>RateLimit-Policy</c> are there.</summary>
    public bool HasLimit { get; init; }

    /// <summary>By the service itself: who passes it on as it is has done all that can be done.</summary>
    public static Answered By(Outcome outcome) => outcome switch
    {
        Outcome.Accepted => new(200) { HasLimit = true },
        Outcome.NoKey => new(401) { Challenge = "Bearer realm=\"api\"", Code = "missing_credentials" },
        Outcome.Garbage => new(401) { Challenge = Answers.InvalidToken, Code = "invalid_key" },
        Outcome.Expired => new(401) { Challenge = Answers.InvalidToken, Code = "expired_key" },
        Outcome.Revoked => new(401) { Challenge = Answers.InvalidToken, Code = "revoked_key" },
        Outcome.WrongScope => new(403) { Challenge = "Bearer error=\"insufficient_scope\", scope=\"incidents:read\"", Code = "insufficient_scope" },
        Outcome.OverTheLimit => new(429) { HasRetryAfter = true, HasLimit = true, Code = "rate_limited" },
        Outcome.ServiceDown => new(503) { HasRetryAfter = true },
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };

    public static async Task<Answered> ReadAsync(HttpResponseMessage answer)
    {
        string? code = null;
        if ((int)answer.StatusCode >= 400)
        {
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.Content.Headers.ContentType?.MediaType == MediaTypeNames.Application.ProblemJson, text);
            var problem = JsonElement.Parse(text);
            Assert.Equal((int)answer.StatusCode, problem.GetProperty("status").GetInt32());
            code = problem.TryGetProperty("code", out var member) ? member.GetString() : null;
        }

        var limit = Header("RateLimit") is not null;
        Assert.Equal(limit, Header("RateLimit-Policy") is not null);
        return new((int)answer.StatusCode)
        {
            Challenge = Header("WWW-Authenticate"),
            Code = code,
            HasRetryAfter = answer.Headers.RetryAfter?.Delta is { } delay && delay >= TimeSpan.FromSeconds(1),
            HasLimit = limit,
        };

        string? Header(string name) => answer.Headers.TryGetValues(name, out var values) ? Assert.Single(values) : null;
    }

    /// <summary>In a few words, as docs/gateways has it.</summary>
    public string Words()
    {
        var words = new List<string> { $"{Status}" };
        if (Challenge is not null)
            words.Add("challenge");
        if (HasRetryAfter)
            words.Add("`Retry-After`");
        if (HasLimit)
            words.Add("`RateLimit`");
        if (Code is not null)
            words.Add($"`{Code}`");

        return string.Join(", ", words);
    }
}
