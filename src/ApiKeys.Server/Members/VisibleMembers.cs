using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Members;

internal static class VisibleMembers
{
    /// <summary>Members of the caller's organization; an operator sees them all. Who is not visible does not exist.</summary>
    public static IQueryable<Member> VisibleTo(this IQueryable<Member> members, Caller caller, ApiKeysDbContext db) =>
        caller.IsOperator
            ? members
            : members.Where(member => member.OrganizationId
                == db.Organizations.Where(organization => organization.Slug == caller.Organization).Select(o => o.Id).Single());

    /// <summary>
    /// The member, with the rows of all administrators of the organization locked until the transaction ends: of two
    /// administrators who remove each other, one finds himself the last.
    /// </summary>
    public static async Task<Member?> FindMemberForUpdateAsync(
        this ApiKeysDbContext db, Guid id, Caller caller, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"""
            select from members
            where organization_id = (select organization_id from members where id = {id}) and (role = 'admin' or id = {id})
              and ({caller.IsOperator} or organization_id = (select id from organizations where slug = {caller.Organization}))
            order by id
            for no key update
            """,
            cancellationToken);
        return await db.Members.VisibleTo(caller, db).SingleOrDefaultAsync(member => member.Id == id, cancellationToken);
    }

    public static async Task<bool> IsLastAdministratorAsync(this ApiKeysDbContext db, Member member, CancellationToken cancellationToken) =>
        member.Role == MemberRole.Admin
        && !await db.Members.AnyAsync(
            other => other.OrganizationId == member.OrganizationId && other.Role == MemberRole.Admin && other.Id != member.Id,
            cancellationToken);

    public static Task<string> SlugOfAsync(this ApiKeysDbContext db, Member member, CancellationToken cancellationToken) =>
        db.Organizations.Where(organization => organization.Id == member.OrganizationId).Select(o => o.Slug).SingleAsync(cancellationToken);
}
