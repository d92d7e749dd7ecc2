using ApiKeys.AspNetCore;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.Model;
using ApiKeys.Server.Verification.Usage;

namespace ApiKeys.Server.Verification;

/// <summary>Verifies in process: the checksum (garbage ends there), the key, the decision, a note of the use.</summary>
internal sealed partial class KeyVerifier(
    KeyLookup lookup, LastUse lastUse, IHttpContextAccessor accessor, TimeProvider time, ILogger<KeyVerifier> logger)
    : IApiKeyVerifier
{
    public async ValueTask<ApiKeyDecision> VerifyAsync(ApiKeyQuestion question, CancellationToken cancellationToken)
    {
        if (!ApiKeyValue.TryParse(question.Key.Reveal(), out var value))
            return ApiKeyDecision.InvalidKey;

        KeySnapshot? key;
        try
        {
            key = await lookup.FindAsync(value.KeyId, cancellationToken);
        }
        catch (Exception exception) when (DatabaseFaults.IsUnavailable(exception))
        {
            LogUnavailable(logger, value.KeyId, exception);
            return ApiKeyDecision.Unavailable;
        }

        if (key is null)
            return ApiKeyDecision.InvalidKey;

        var now = time.GetUtcNow();
        var decision = KeyDecision.Decide(key, value, question.Address, now);
        if (decision.Outcome == ApiKeyOutcome.Accepted)
            RecordUse(key, now, isPrevious: KeyDecision.IsPrevious(key, value, now));
        else if (decision.Outcome != ApiKeyOutcome.InvalidKey)
            accessor.HttpContext?.Features.Set(new RefusedKey(key.Identity));

        return decision;
    }

    private void RecordUse(KeySnapshot key, DateTimeOffset now, bool isPrevious)
    {
        lastUse.Record(key.Id, now, isPrevious);
        if (isPrevious)
            accessor.HttpContext?.Features.Set(PreviousSecretUsed.Instance);
    }

    [LoggerMessage(200, LogLevel.Warning, "The database cannot be reached to verify {KeyId}")]
    private static partial void LogUnavailable(ILogger logger, string keyId, Exception exception);
}
