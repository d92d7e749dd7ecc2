using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using ApiKeys.Server.Organizations;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ApiKeys.Server.Members;

/// <summary>Adds a person to an organization. What he may do is in the keys that are made for him.</summary>
internal static class CreateMember
{
    public sealed record Request
    {
        /// <summary>Up to 254 characters; kept in lowercase, and stays for ever.</summary>
        /// <example>carol@example.com</example>
        [Required, StringLength(Member.MaxEmailLength, MinimumLength = 3)]
        public string? Email { get; init; }

        /// <summary>Up to 100 characters.</summary>
        /// <example>Carol</example>
        [StringLength(100)]
        public string? Firstname { get; init; }

        /// <summary>Up to 100 characters.</summary>
        /// <example>Doe</example>
        [StringLength(100)]
        public string? Lastname { get; init; }

        /// <summary>Only the keys of an <c>admin</c> can hold scopes for administrators, such as <c>members:write</c>.</summary>
        [DefaultValue(MemberRole.Member)]
        public MemberRole Role { get; init; } = MemberRole.Member;

        /// <summary>The slug of the organization. Only operators may name another than their own.</summary>
        /// <example>null</example>
        [MaxLength(Model.Organization.MaxSlugLength)]
        public string? Organization { get; init; }
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            RuleFor(r => r.Email).NotNull().WithMessage("is required.").Email();
            RuleFor(r => r.Firstname).TrimmedText(0, 100);
            RuleFor(r => r.Lastname).TrimmedText(0, 100);
            RuleFor(r => r.Organization).PlainText().MaximumLength(Model.Organization.MaxSlugLength);
        }
    }

    public static async Task<Results<Created<MemberResponse>, ProblemHttpResult>> HandleAsync(
        Request request, Caller caller, ApiKeysDbContext db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var (organization, elsewhere) = await db.FindOrganizationAsync(request.Organization, caller, cancellationToken);
        if (organization is null)
            return elsewhere!;

        if (request.Role == MemberRole.Admin && !caller.IsAdministrator)
            return Problems.OnlyAdministratorsPromote();

        if (await db.FindMemberAsync(organization, request.Email!, cancellationToken) is not null)
            return Problems.MemberExists();

        var now = time.Now();
        var member = new Member
        {
            Id = OrderedIds.Next(now),
            OrganizationId = organization.Id,
            Email = Member.Normalize(request.Email!),
            FirstName = request.Firstname?.Trim() ?? "",
            LastName = request.Lastname?.Trim() ?? "",
            Role = request.Role,
            CreatedAt = now,
        };
        db.Members.Add(member);
        audit.MemberChanged(caller, member, before: null);
        return TypedResults.Created($"/api/admin/members/{member.Id}", MemberResponse.Of(member, organization.Slug));
    }
}
