namespace ApiKeys.Server.Model;

/// <summary>A person in an organization. Administration keys act for the member who owns them.</summary>
internal sealed class Member
{
    public const int MaxEmailLength = 254;

    public required Guid Id { get; init; }

    public required Guid OrganizationId { get; init; }

    /// <summary>In lowercase; unique within the organization.</summary>
    public required string Email { get; init; }

    public string FirstName { get; set; } = "";

    public string LastName { get; set; } = "";

    public required MemberRole Role { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public MemberDetails Details => new(FirstName, LastName, Role);

    /// <summary>The spelling that an email is kept in and looked for.</summary>
    public static string Normalize(string email) => email.ToLowerInvariant();
}

/// <summary>What can be changed of a member.</summary>
internal sealed record MemberDetails(string Firstname, string Lastname, MemberRole Role);

internal enum MemberRole
{
    Admin,
    Member,
}
