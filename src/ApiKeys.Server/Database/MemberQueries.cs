using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Database;

internal static class MemberQueries
{
    /// <returns>Null where nobody in the organization has this email.</returns>
    public static Task<Member?> FindMemberAsync(
        this ApiKeysDbContext db, Organization organization, string email, CancellationToken cancellationToken)
    {
        var known = Member.Normalize(email);
        return db.Members.SingleOrDefaultAsync(
            member => member.OrganizationId == organization.Id && member.Email == known, cancellationToken);
    }
}
