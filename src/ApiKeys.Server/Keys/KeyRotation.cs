using System.Diagnostics.CodeAnalysis;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ApiKeys.Server.Keys;

/// <summary>Rotates a key, whoever may: with what the policy says, and the audit event.</summary>
internal sealed class KeyRotation(KeyPolicy policy, AuditTrail audit, TimeProvider time)
{
    /// <returns>False where it cannot be; the refusal says why.</returns>
    public bool TryRotate(
        ApiKey key, Caller caller, int graceDays, int? expiresInDays,
        [NotNullWhen(true)] out ApiKeyValue? value, [NotNullWhen(false)] out ProblemHttpResult? refusal)
    {
        var (expiredBefore, previousBefore) = (key.ExpiresAt, key.GraceEndsAt);
        refusal = key.Rotate(policy.Prefix, graceDays, expiresInDays, time.Now(), out value) switch
        {
            RotateOutcome.Revoked => Problems.KeyRevoked(),
            RotateOutcome.Expired => Problems.Invalid(
                "expires_in_days", "is required: the key has expired, and its new secret would be refused at once."),
            _ => null,
        };
        if (refusal is null)
            audit.KeyRotated(caller, key, expiredBefore, previousBefore);

        return refusal is null;
    }
}
