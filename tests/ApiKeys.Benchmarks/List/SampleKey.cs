namespace ApiKeys.Benchmarks.List;

/// <summary>A row of <c>api_keys</c> and its row of <c>key_usage</c>, as far as they differ from key to key.</summary>
internal sealed record SampleKey
{
    public required Guid Id { get; init; }

    public required string KeyId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required bool IsTest { get; init; }

    public required bool IsEnabled { get; init; }

    public required string Name { get; init; }

    public required string? Description { get; init; }

    public required string[] Scopes { get; init; }

    public required string[] Roles { get; init; }

    public required DateTimeOffset? ExpiresAt { get; init; }

    public required DateTimeOffset? RevokedAt { get; init; }

    public required DateTimeOffset? LastUsedAt { get; init; }

    public required byte[] Salt { get; init; }

    public required byte[] Hash { get; init; }

    public DateTimeOffset? RotatedAt { get; init; }

    public DateTimeOffset? PreviousExpiresAt { get; init; }

    public byte[]? PreviousHash { get; init; }

    public byte[]? PreviousSalt { get; init; }

    public DateTimeOffset? PreviousLastUsedAt { get; init; }
}
