using System.ComponentModel.DataAnnotations;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ApiKeys.Server.Members;

/// <summary>Renames a member, or gives him the other role. What only administrators hold, his keys lose with the role.</summary>
internal static class UpdateMember
{
    public sealed record Request : Patch
    {
        /// <summary>Up to 100 characters.</summary>
        /// <example>Carol</example>
        [StringLength(100)]
        public string? Firstname { get; init => field = Given(value); }

        /// <summary>Up to 100 characters.</summary>
        /// <example>Doe</example>
        [StringLength(100)]
        public string? Lastname { get; init => field = Given(value); }

        public MemberRole? Role { get; init => field = Given(value); }
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            RuleFor(r => r.Firstname).TrimmedText(0, 100);
            RuleFor(r => r.Lastname).TrimmedText(0, 100);
            RuleFor(r => r.Role).NotNull().When(r => r.Has(nameof(r.Role))).WithMessage("must be admin or member.");
        }
    }

    public static async Task<Results<Ok<MemberResponse>, ProblemHttpResult>> HandleAsync(
        Guid id, Request request, Caller caller, ApiKeysDbContext db, AuditTrail audit, CancellationToken cancellationToken)
    {
        var member = await db.FindMemberForUpdateAsync(id, caller, cancellationToken);
        if (member is null)
            return Problems.MemberNotFound();

        var before = member.Details;
        var role = request.Role ?? member.Role;
        if (role == MemberRole.Admin && member.Role != MemberRole.Admin && !caller.IsAdministrator)
            return Problems.OnlyAdministratorsPromote();

        if (role != MemberRole.Admin && await db.IsLastAdministratorAsync(member, cancellationToken))
            return Problems.LastAdministrator();

        member.FirstName = request.Has(nameof(request.Firstname)) ? request.Firstname?.Trim() ?? "" : member.FirstName;
        member.LastName = request.Has(nameof(request.Lastname)) ? request.Lastname?.Trim() ?? "" : member.LastName;
        member.Role = role;
        if (member.Details != before)
            audit.MemberChanged(caller, member, before);

        return TypedResults.Ok(MemberResponse.Of(member, await db.SlugOfAsync(member, cancellationToken)));
    }
}
