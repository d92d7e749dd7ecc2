namespace ApiKeys.Server.Model;

/// <summary>What an administrator can change of a key that exists, checked before; also what the audit trail tells of it.</summary>
internal sealed record KeyDetails
{
    public required string Name { get; init; }

    public required string? Description { get; init; }

    public required IReadOnlyCollection<string> Scopes { get; init; }

    public required IReadOnlyCollection<string> Roles { get; init; }

    public required RateLimit? RateLimit { get; init; }

    public required IReadOnlyCollection<string> AllowedIps { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required bool Enabled { get; init; }

    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>By what is in the lists, in whatever order.</summary>
    public bool IsSameAs(KeyDetails other) =>
        this with { Scopes = other.Scopes, Roles = other.Roles, AllowedIps = other.AllowedIps, Metadata = other.Metadata } == other
        && Scopes.ToHashSet().SetEquals(other.Scopes)
        && Roles.ToHashSet().SetEquals(other.Roles)
        && AllowedIps.ToHashSet().SetEquals(other.AllowedIps)
        && Metadata.Count == other.Metadata.Count && !Metadata.Except(other.Metadata).Any();
}
