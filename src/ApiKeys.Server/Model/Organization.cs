using System.Text.RegularExpressions;

namespace ApiKeys.Server.Model;

/// <summary>The tenant that owns keys.</summary>
internal sealed partial class Organization
{
    public const string DefaultSlug = "default";
    public const int MaxSlugLength = 64;
    public const string SlugPattern = "^" + SlugForm + "$";

    private const string SlugForm = "[a-z0-9](-?[a-z0-9])*";

    public required Guid Id { get; init; }

    /// <summary>Its name in URLs and in JSON: lowercase letters, digits and hyphens.</summary>
    public required string Slug { get; init; }

    public required string Name { get; set; }

    /// <summary>A plan of the catalog.</summary>
    public required string Plan { get; set; }

    /// <summary>None of its keys is accepted while it is.</summary>
    public bool Suspended { get; set; }

    /// <summary>Of each of its keys that has none of its own; null leaves it to the plan.</summary>
    public RateLimit? RateLimit { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public OrganizationDetails Details => new(Name, Plan, Suspended, RateLimit);

    public static bool IsSlug(string text) => text.Length <= MaxSlugLength && SlugRegex.IsMatch(text);

    [GeneratedRegex("^" + SlugForm + @"\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex SlugRegex { get; }
}

/// <summary>What can be changed of an organization.</summary>
internal sealed record OrganizationDetails(string Name, string Plan, bool Suspended, RateLimit? RateLimit);
