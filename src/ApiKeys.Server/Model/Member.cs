namespace ApiKeys.Server.Model;

/// <summary>A person in an organization. Administration keys act for the member who owns them.</summary>
internal sealed class Member
{
    public required Guid Id { get; init; }

    public required Guid OrganizationId { get; init; }

    /// <summary>In lowercase; unique within the organization.</summary>
    public required string Email { get; init; }

    public string FirstName { get; set; } = "";

    public string LastName { get; set; } = "";

    public required MemberRole Role { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The spelling that an email is kept in and looked for.</summary>
    public static string Normalize(string email) => email.ToLowerInvariant();
}

internal enum MemberRole
{
    Admin,
    Member,
}
