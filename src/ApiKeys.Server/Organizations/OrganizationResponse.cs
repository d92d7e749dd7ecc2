using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Organizations;

/// <summary>An organization as operators see it.</summary>
internal sealed record OrganizationResponse
{
    /// <summary>Its name in URLs and in JSON; stays for ever.</summary>
    /// <example>acme</example>
    [Required]
    public required string Slug { get; init; }

    /// <example>ACME Security</example>
    [Required]
    public required string Name { get; init; }

    /// <summary>A plan of the catalog.</summary>
    /// <example>pro</example>
    [Required]
    public required string Plan { get; init; }

    /// <summary>None of its keys is accepted while it is.</summary>
    [Required]
    public required bool Suspended { get; init; }

    /// <summary>Of each of its keys that has none of its own; null leaves it to the plan.</summary>
    public RateLimit? RateLimit { get; init; }

    [Required]
    public required DateTimeOffset CreatedAt { get; init; }

    [Required]
    public required KeyCount Keys { get; init; }

    public static OrganizationResponse Of(Organization organization, int activeKeys, ScopeCatalog catalog) => new()
    {
        Slug = organization.Slug,
        Name = organization.Name,
        Plan = organization.Plan,
        Suspended = organization.Suspended,
        RateLimit = organization.RateLimit,
        CreatedAt = organization.CreatedAt,
        Keys = new KeyCount
        {
            Active = Math.Min(activeKeys, KeyCount.Max),
            ActiveIsLowerBound = activeKeys > KeyCount.Max,
            Limit = catalog.Plans.TryGetValue(organization.Plan, out var plan) ? plan.MaxKeys : 0,
        },
    };
}

/// <summary>How many keys there are, of how many that the plan allows.</summary>
internal sealed record KeyCount
{
    public const int Max = 10_000;

    /// <summary>Active keys without a management scope, counted up to 10,000.</summary>
    /// <example>3</example>
    [Required, Range(0, Max)]
    public required int Active { get; init; }

    /// <summary>True, and only present, where there are more than were counted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ActiveIsLowerBound { get; init; }

    /// <summary>Null where the plan allows any number.</summary>
    /// <example>5</example>
    public int? Limit { get; init; }
}
