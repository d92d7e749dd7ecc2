using System.Runtime.CompilerServices;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.Model;
using ApiKeys.Server.Verification.Usage;

namespace ApiKeys.Server.Verification;

/// <summary>
/// Verifies in process: the checksum (garbage ends there), the key, the decision, a note of the use. Of a key that is remembered it
/// takes no lock, waits for nothing and allocates nothing.
/// </summary>
internal sealed class KeyVerifier(KeyLookup lookup, LastUse lastUse) : IApiKeyVerifier
{
    [SkipLocalsInit]
    public ValueTask<ApiKeyDecision> VerifyAsync(ApiKeyQuestion question, CancellationToken cancellationToken)
    {
        Span<byte> buffer = stackalloc byte[ApiKeyValue.MaxLength];
        if (!PresentedValue.TryRead(question.Key.Reveal(), buffer, out var value))
            return new(ApiKeyDecision.InvalidKey);

        return lookup.TryFind(value.KeyId, out var found)
            ? new(Decide(found, value, question))
            : FindAndDecideAsync(value.KeyId, question, cancellationToken);
    }

    private async ValueTask<ApiKeyDecision> FindAndDecideAsync(PackedKeyId id, ApiKeyQuestion question, CancellationToken cancellationToken)
    {
        var found = await lookup.FindAsync(id, cancellationToken);
        Span<byte> buffer = stackalloc byte[ApiKeyValue.MaxLength];
        PresentedValue.TryRead(question.Key.Reveal(), buffer, out var value); // as before
        return found.IsKnown ? Decide(found, value, question) : ApiKeyDecision.Unavailable;
    }

    private ApiKeyDecision Decide(KeyFound found, PresentedValue value, ApiKeyQuestion question)
    {
        if (found.Key is not { } key)
            return ApiKeyDecision.InvalidKey;

        var decision = KeyDecision.Decide(key, value, question.Address, found.Now);
        if (decision.Identity is not null)
            lastUse.Record(key, found.Now, decision.IsByPreviousSecret);

        return decision;
    }
}
