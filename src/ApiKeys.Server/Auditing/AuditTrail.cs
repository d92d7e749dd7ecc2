using System.Text.Json;
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
    public void KeyCreated(Caller? caller, ApiKey key) => Record(caller, AuditActions.KeyCreated, key, new()
    {
        ["name"] = new(null, key.Name),
        ["environment"] = new(null, key.Environment),
        ["owner"] = new(null, key.Owner?.Email),
        ["scopes"] = new(null, key.Scopes),
        ["roles"] = new(null, key.Roles),
        ["allowed_ips"] = new(null, key.AllowedIps),
        ["rate_limit"] = new(null, key.RateLimit),
        ["expires_at"] = new(null, key.ExpiresAt),
    });

    public void KeyRotated(Caller caller, ApiKey key, DateTimeOffset? expiredBefore) => Record(caller, AuditActions.KeyRotated, key, new()
    {
        ["expires_at"] = new(expiredBefore, key.ExpiresAt),
        ["previous_key_expires_at"] = new(null, key.Previous?.ExpiresAt),
    });

    public void KeyRevoked(Caller caller, ApiKey key, KeyStatus before) => Record(caller, AuditActions.KeyRevoked, key, new()
    {
        ["status"] = new(before, KeyStatus.Revoked),
        ["reason"] = new(null, key.RevokedReason),
    });

    private void Record(Caller? caller, string action, ApiKey key, Dictionary<string, Change> changes)
    {
        var now = time.Now();
        db.AuditEvents.Add(new AuditEvent
        {
            Id = Guid.CreateVersion7(now),
            At = now,
            OrganizationId = key.OrganizationId,
            Action = action,
            ActorKeyId = caller?.KeyId,
            ActorMember = caller?.Member,
            ActorAddress = caller?.Address,
            TargetType = "api_key",
            TargetId = key.KeyId,
            Changes = JsonSerializer.Serialize(changes, JsonSetup.Options),
            TraceId = caller?.TraceId,
        });
    }

    private sealed record Change(object? From, object? To);
}
