using System.Text.Json.Serialization;

namespace ApiKeys.AspNetCore.Remote;

/// <summary>What is asked at <c>POST /api/v1/api-keys/verify</c>. Not a record, which would print the value.</summary>
internal sealed class VerifyCall
{
    public const string Path = "api/v1/api-keys/verify";

    public required string ApiKey { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public string? Ip { get; init; }

    public required int Cost { get; init; }
}

/// <summary>What is read of the answer; a later version of the service may say more.</summary>
internal sealed record VerifyAnswer
{
    public bool Valid { get; init; }

    public string? Detail { get; init; }

    public string? KeyId { get; init; }

    public string? Name { get; init; }

    public string? Organization { get; init; }

    public string? Owner { get; init; }

    public IReadOnlyList<string>? Scopes { get; init; }

    public string? Environment { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public LimitLeft? RateLimit { get; init; }

    internal sealed record LimitLeft(int Limit, int Remaining, int ResetSeconds);
}

/// <summary>What is read of a refusal.</summary>
internal sealed record ServiceProblem(string? Code, string? Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VerifyCall))]
[JsonSerializable(typeof(VerifyAnswer))]
[JsonSerializable(typeof(ServiceProblem))]
internal sealed partial class ServiceJson : JsonSerializerContext;
