using ApiKeys.Server.Auditing;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Keys;
using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Bootstrap;

/// <summary>Makes operator keys without one: the way in on the first start, and the way back in after a lock-out.</summary>
internal sealed class OperatorKeys(
    IDbContextFactory<ApiKeysDbContext> contexts, ApiKeysDbContext db, AuditTrail audit, KeyPolicy policy, TimeProvider time)
{
    public const string FirstOperator = "admin@example.com";

    /// <summary>A key for this member of the organization <c>default</c>, who is made an administrator, or added to it.</summary>
    public async Task<(ApiKey Key, ApiKeyValue Value)> CreateAsync(string email, CancellationToken cancellationToken)
    {
        var now = time.Now();
        var organization = await db.Organizations.SingleAsync(o => o.Slug == Organization.DefaultSlug, cancellationToken);
        var member = await db.FindMemberAsync(organization, email, cancellationToken);
        if (member is null)
        {
            member = new Member
            {
                Id = OrderedIds.Next(now),
                OrganizationId = organization.Id,
                Email = Member.Normalize(email),
                Role = MemberRole.Admin,
                CreatedAt = now,
            };
            db.Members.Add(member);
            audit.MemberChanged(caller: null, member, before: null);
        }
        else if (member.Role != MemberRole.Admin)
        {
            var before = member.Details;
            member.Role = MemberRole.Admin;
            audit.MemberChanged(caller: null, member, before);
        }

        var key = ApiKey.Create(
            new KeyFacts
            {
                Organization = organization,
                Owner = member,
                Name = "Operator",
                Description = "Made on the command line or at the first start",
                Roles = [BuiltIn.OperatorRole],
                ExpiresInDays = policy.DefaultExpiresInDays,
                CreatedBy = member.Email,
            },
            policy.Prefix, now, out var value);
        db.Keys.Add(key);
        audit.KeyCreated(caller: null, key);
        await db.SaveChangesAsync(cancellationToken);
        return (key, value);
    }

    /// <summary>Only where there is no key at all yet; of several nodes that start together, one makes it.</summary>
    public async Task<ApiKeyValue?> CreateFirstAsync(CancellationToken cancellationToken)
    {
        await using var turn = await ExclusiveTurn.TakeAsync(contexts, cancellationToken);
        return await db.Keys.AnyAsync(cancellationToken) ? null : (await CreateAsync(FirstOperator, cancellationToken)).Value;
    }
}
