using System.ComponentModel.DataAnnotations;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Members;

/// <summary>A person in an organization.</summary>
internal sealed record MemberResponse
{
    /// <summary>A UUID.</summary>
    [Required]
    public required Guid Id { get; init; }

    /// <summary>In lowercase; stays for ever.</summary>
    /// <example>carol@example.com</example>
    [Required]
    public required string Email { get; init; }

    /// <example>Carol</example>
    [Required]
    public required string Firstname { get; init; }

    /// <example>Doe</example>
    [Required]
    public required string Lastname { get; init; }

    [Required]
    public required MemberRole Role { get; init; }

    /// <summary>The slug of the organization.</summary>
    /// <example>default</example>
    [Required]
    public required string Organization { get; init; }

    [Required]
    public required DateTimeOffset CreatedAt { get; init; }

    public static MemberResponse Of(Member member, string organization) => new()
    {
        Id = member.Id,
        Email = member.Email,
        Firstname = member.FirstName,
        Lastname = member.LastName,
        Role = member.Role,
        Organization = organization,
        CreatedAt = member.CreatedAt,
    };
}
