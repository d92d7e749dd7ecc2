using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Auditing;

/// <summary>
/// Adds the audit event of a change to the context that saves the change, so that both are written or neither. Each method
/// names what may be written: never a secret, nor a hash of one.
/// </summary>
internal sealed class AuditTrail(ApiKeysDbContext db, TimeProvider time)
{
    /// <param name="caller">Null for the command line.</param>
    /// <param name="key">New.</param>
    public void KeyCreated(Caller? caller, ApiKey key) => Record(
        caller, AuditActions.KeyCreated, key,
        Changes.Between(null, new
        {
            key.Environment,
            Owner = key.Owner?.Email,
            key.Name,
            key.Description,
            key.Scopes,
            key.Roles,
            key.RateLimit,
            key.AllowedIps,
            key.Metadata,
            key.ExpiresAt,
        }));

    public void KeyUpdated(Caller caller, ApiKey key, KeyDetails before) => Record(
        caller, AuditActions.KeyUpdated, key, Changes.Between(before, key.Details));

    public void KeyRotated(Caller caller, ApiKey key, DateTimeOffset? expiredBefore, DateTimeOffset? previousBefore) => Record(
        caller, AuditActions.KeyRotated, key, Changes.Between(
            new { ExpiresAt = expiredBefore, PreviousKeyExpiresAt = previousBefore },
            new { key.ExpiresAt, PreviousKeyExpiresAt = key.GraceEndsAt }));

    /// <param name="caller">Who removed the owner.</param>
    /// <param name="key">As it is now.</param>
    /// <param name="owner">The email of who owned it.</param>
    public void KeyDisowned(Caller caller, ApiKey key, string owner) => Record(
        caller, AuditActions.KeyUpdated, key, Changes.Between(new { Owner = owner }, new { Owner = (string?)null }));

    public void KeyRevoked(Caller caller, ApiKey key, KeyStatus before) => Record(
        caller, AuditActions.KeyRevoked, key, Changes.Between(
            new { Status = before, Reason = (string?)null }, new { Status = KeyStatus.Revoked, Reason = key.RevokedReason }));

    /// <param name="caller">Null for the command line.</param>
    /// <param name="member">As it is now.</param>
    /// <param name="before">Null where the member is new.</param>
    public void MemberChanged(Caller? caller, Member member, MemberDetails? before) => Record(
        caller, before is null ? AuditActions.MemberCreated : AuditActions.MemberUpdated, member.OrganizationId,
        AuditTargets.Member, member.Email, Changes.Between(before, member.Details));

    public void MemberRemoved(Caller caller, Member member) => Record(
        caller, AuditActions.MemberRemoved, member.OrganizationId, AuditTargets.Member, member.Email,
        Changes.Between(member.Details, new { Firstname = (string?)null, Lastname = (string?)null, Role = (string?)null }));

    /// <param name="caller">An operator.</param>
    /// <param name="organization">As it is now.</param>
    /// <param name="before">Null where the organization is new.</param>
    public void OrganizationChanged(Caller caller, Organization organization, OrganizationDetails? before) => Record(
        caller, before is null ? AuditActions.OrganizationCreated : AuditActions.OrganizationUpdated, organization.Id,
        AuditTargets.Organization, organization.Slug, Changes.Between(before, organization.Details));

    /// <param name="caller">Who began to use the console, by the key that he presented.</param>
    /// <param name="organizationId">The key's.</param>
    public void SessionStarted(Caller caller, Guid organizationId) => Record(
        caller, AuditActions.SessionStarted, organizationId, AuditTargets.Key, caller.KeyId, Changes.None);

    private void Record(Caller? caller, string action, ApiKey key, string changes) =>
        Record(caller, action, key.OrganizationId, AuditTargets.Key, key.KeyId, changes);

    private void Record(Caller? caller, string action, Guid organizationId, string targetType, string targetId, string changes)
    {
        var now = time.Now();
        db.AuditEvents.Add(new AuditEvent
        {
            Id = OrderedIds.Next(now),
            At = now,
            OrganizationId = organizationId,
            Action = action,
            Outcome = AuditOutcome.Success,
            ActorKeyId = caller?.KeyId,
            ActorMember = caller?.Member,
            ActorAddress = caller?.Address,
            TargetType = targetType,
            TargetId = targetId,
            Changes = changes,
            TraceId = caller?.TraceId,
        });
    }
}
