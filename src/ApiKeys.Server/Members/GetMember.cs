using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Members;

internal static class GetMember
{
    public static async Task<Results<Ok<MemberResponse>, ProblemHttpResult>> HandleAsync(
        Guid id, Caller caller, ApiKeysDbContext db, CancellationToken cancellationToken)
    {
        var member = await db.Members.AsNoTracking().VisibleTo(caller, db).SingleOrDefaultAsync(m => m.Id == id, cancellationToken);
        return member is null
            ? Problems.MemberNotFound()
            : TypedResults.Ok(MemberResponse.Of(member, await db.SlugOfAsync(member, cancellationToken)));
    }
}
