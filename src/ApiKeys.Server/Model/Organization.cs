namespace ApiKeys.Server.Model;

/// <summary>The tenant that owns keys.</summary>
internal sealed class Organization
{
    public const string DefaultSlug = "default";

    public required Guid Id { get; init; }

    /// <summary>Its name in URLs and in JSON: lowercase letters, digits and hyphens.</summary>
    public required string Slug { get; init; }

    public required string Name { get; set; }

    /// <summary>A plan of the catalog.</summary>
    public required string Plan { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}
