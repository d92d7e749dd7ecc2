namespace ApiKeys.Server.Model;

/// <summary>When a key was last accepted.</summary>
internal sealed class KeyUsage
{
    public required Guid ApiKeyId { get; init; }

    public required DateTimeOffset LastUsedAt { get; init; }
}
