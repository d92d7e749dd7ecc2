namespace ApiKeys.Server.Model;

/// <summary>What is decided when a key is made; checked before.</summary>
internal sealed record KeyFacts
{
    public required Organization Organization { get; init; }

    public Member? Owner { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    public KeyEnvironment Environment { get; init; }

    public IReadOnlyCollection<string> Scopes { get; init; } = [];

    public IReadOnlyCollection<string> Roles { get; init; } = [];

    /// <summary>Null for a key that never expires.</summary>
    public required int? ExpiresInDays { get; init; }

    public RateLimit? RateLimit { get; init; }

    public IReadOnlyCollection<string> AllowedIps { get; init; } = [];

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    public required string CreatedBy { get; init; }
}
