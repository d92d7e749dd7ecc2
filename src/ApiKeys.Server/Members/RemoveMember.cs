using ApiKeys.Server.Auditing;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Members;

/// <summary>
/// Removes a person from an organization. The administration keys that he owns are revoked with him; integrations' keys go on
/// working, and belong to the organization alone from then on.
/// </summary>
internal static class RemoveMember
{
    private const string Reason = "The member who owned it was removed";

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, Caller caller, ApiKeysDbContext db, ScopeCatalog catalog, AuditTrail audit, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var member = await db.FindMemberForUpdateAsync(id, caller, cancellationToken);
        if (member is null)
            return Problems.MemberNotFound();

        if (await db.IsLastAdministratorAsync(member, cancellationToken))
            return Problems.LastAdministrator();

        await db.Database.ExecuteSqlAsync($"select from api_keys where owner_id = {id} order by id for no key update", cancellationToken);
        var now = time.Now();
        foreach (var key in await db.Keys.Where(key => key.OwnerId == id).ToListAsync(cancellationToken))
        {
            var before = key.StatusAt(now);
            if (catalog.IsAdministration(catalog.Expand(key.Scopes, key.Roles)) && key.Revoke(caller.Name, Reason, now))
                audit.KeyRevoked(caller, key, before);
            else
                audit.KeyDisowned(caller, key, member.Email);

            key.Disown(now);
        }

        db.Members.Remove(member);
        audit.MemberRemoved(caller, member);
        return TypedResults.NoContent();
    }
}
