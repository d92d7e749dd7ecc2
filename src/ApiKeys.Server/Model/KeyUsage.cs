namespace ApiKeys.Server.Model;

/// <summary>When a key was last accepted. Made with the key, in a table of its own, so that traffic never touches the key's row.</summary>
internal sealed class KeyUsage
{
    public required Guid ApiKeyId { get; init; }

    /// <summary>The key's, which never changes; here so that an organization's idle keys are counted in one index.</summary>
    public required Guid OrganizationId { get; init; }

    /// <summary>The key's.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null where it was never used.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>When it was last accepted by the secret before the current one.</summary>
    public DateTimeOffset? PreviousLastUsedAt { get; init; }

    /// <summary>Since when nobody has used it: its last use, or else its creation. The database computes it.</summary>
    public DateTimeOffset IdleSince { get; private init; }

    public static KeyUsage Of(ApiKey key) => new()
    {
        ApiKeyId = key.Id,
        OrganizationId = key.OrganizationId,
        CreatedAt = key.CreatedAt,
    };
}
