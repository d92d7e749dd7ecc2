using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Keys;

/// <summary>An API key as administrators see it: everything but its value, which nobody can show again.</summary>
internal record KeyResponse
{
    /// <summary>The key's row, as a UUID.</summary>
    [Required, JsonPropertyOrder(-9)]
    public required Guid Id { get; init; }

    /// <summary>The public name of the key; the same for its whole life.</summary>
    /// <example>k_7Fq2mZ81xY4c</example>
    [Required, JsonPropertyOrder(-8)]
    public required string KeyId { get; init; }

    /// <summary>The start of the value, which is safe to show.</summary>
    /// <example>sk_live_k_7Fq2mZ81xY4c</example>
    [Required]
    public required string KeyPrefix { get; init; }

    /// <summary>What its administrator called it.</summary>
    /// <example>SOAR Integration</example>
    [Required, JsonPropertyOrder(-6)]
    public required string Name { get; init; }

    /// <summary>What it is for.</summary>
    /// <example>API key for Palo Alto XSOAR integration</example>
    public string? Description { get; init; }

    [Required]
    public required KeyStatus Status { get; init; }

    [Required]
    public required KeyEnvironment Environment { get; init; }

    /// <summary>The slug of the organization that owns the key.</summary>
    /// <example>default</example>
    [Required]
    public required string Organization { get; init; }

    /// <summary>The email of the member whom the key acts for.</summary>
    /// <example>admin@example.com</example>
    public string? Owner { get; init; }

    /// <summary>Granted one by one; what its roles hold comes on top.</summary>
    /// <example>["incidents:read", "investigations:read"]</example>
    [Required, JsonPropertyOrder(-5)]
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>Bundles of scopes.</summary>
    /// <example>[]</example>
    [Required]
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>Who made it: the email of a member.</summary>
    /// <example>admin@example.com</example>
    [Required]
    public required string CreatedBy { get; init; }

    [Required]
    public required DateTimeOffset CreatedAt { get; init; }

    [Required]
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The first instant at which the key is refused; null where it never expires.</summary>
    [JsonPropertyOrder(-4)]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was last accepted; a few seconds behind.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    public DateTimeOffset? LastRotatedAt { get; init; }

    /// <summary>The end of the grace period after the last rotation.</summary>
    public DateTimeOffset? PreviousKeyExpiresAt { get; init; }

    /// <summary>When the secret before the last rotation was last accepted since; a few seconds behind. Null where it was not.</summary>
    public DateTimeOffset? PreviousKeyLastUsedAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public string? RevokedBy { get; init; }

    public RateLimit? RateLimit { get; init; }

    /// <summary>The networks that may use the key; everybody may where there is none.</summary>
    /// <example>["203.0.113.0/24"]</example>
    [Required]
    public required IReadOnlyList<string> AllowedIps { get; init; }

    /// <summary>Names and texts of the administrators' own.</summary>
    /// <example>{"team": "soc"}</example>
    [Required]
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public static KeyResponse Of(ApiKey key, DateTimeOffset now) => new()
    {
        Id = key.Id,
        KeyId = key.KeyId,
        KeyPrefix = key.KeyPrefix,
        Name = key.Name,
        Description = key.Description,
        Status = key.StatusAt(now),
        Environment = key.Environment,
        Organization = key.Organization.Slug,
        Owner = key.Owner?.Email,
        Scopes = key.Scopes,
        Roles = key.Roles,
        CreatedBy = key.CreatedBy,
        CreatedAt = key.CreatedAt,
        UpdatedAt = key.UpdatedAt,
        ExpiresAt = key.ExpiresAt,
        LastUsedAt = key.Usage?.LastUsedAt,
        LastRotatedAt = key.LastRotatedAt,
        PreviousKeyExpiresAt = key.GraceEndsAt,
        PreviousKeyLastUsedAt = key.PreviousLastUsedAt,
        RevokedAt = key.RevokedAt,
        RevokedBy = key.RevokedBy,
        RateLimit = key.RateLimit,
        AllowedIps = key.AllowedIps,
        Metadata = key.Metadata,
    };
}
