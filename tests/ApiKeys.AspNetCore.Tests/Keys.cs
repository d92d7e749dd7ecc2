namespace ApiKeys.AspNetCore.Tests;

/// <summary>Keys and what is decided of them.</summary>
internal static class Keys
{
    public static ApiKeyDecision Accepted(params string[] scopes) => ApiKeyDecision.Accept(Identity("acme", scopes));

    public static ApiKeyDecision Refused(ApiKeyOutcome outcome) => outcome switch
    {
        ApiKeyOutcome.InsufficientScope => ApiKeyDecision.RefuseScope("things:write", Identity("acme")),
        ApiKeyOutcome.RateLimited => ApiKeyDecision.RefuseRate(new ApiKeyRateLimit(new ApiKeyRatePolicy("key", 100, 60), Remaining: 0, ResetSeconds: 30)),
        _ => ApiKeyDecision.Refuse(outcome),
    };

    public static ApiKeyIdentity Identity(string organization, params string[] scopes) => new()
    {
        KeyId = "k_7Fq2mZ81xY4c",
        Name = "A key",
        Organization = organization,
        Environment = "live",
        Scopes = scopes.ToHashSet(),
    };
}

/// <summary>Decides the same of every key.</summary>
internal sealed class AnsweringVerifier : IApiKeyVerifier
{
    public ApiKeyDecision Answer { get; set; } = ApiKeyDecision.InvalidKey;

    public List<ApiKeyQuestion> Questions { get; } = [];

    public ValueTask<ApiKeyDecision> VerifyAsync(ApiKeyQuestion question, CancellationToken cancellationToken)
    {
        Questions.Add(question);
        return new(Answer);
    }
}
