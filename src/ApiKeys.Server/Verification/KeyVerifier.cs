using System.Diagnostics.CodeAnalysis;
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
    public bool TryVerify(ApiKeyQuestion question, [NotNullWhen(true)] out ApiKeyDecision? decision)
    {
        Span<byte> buffer = stackalloc byte[ApiKeyValue.MaxLength];
        decision = !PresentedValue.TryRead(question.Key.Reveal(), buffer, out var value) ? ApiKeyDecision.InvalidKey
            : lookup.TryFind(value.KeyId, out var found) ? Decide(found, value, question)
            : null;
        return decision is not null;
    }

    public ValueTask<ApiKeyDecision> VerifyAsync(ApiKeyQuestion question, CancellationToken cancellationToken) =>
        TryVerify(question, out var decision) ? new(decision) : FindAndDecideAsync(question, cancellationToken);

    private async ValueTask<ApiKeyDecision> FindAndDecideAsync(ApiKeyQuestion question, CancellationToken cancellationToken)
    {
        var found = await lookup.FindAsync(IdOf(question), cancellationToken);
        Span<byte> buffer = stackalloc byte[ApiKeyValue.MaxLength];
        PresentedValue.TryRead(question.Key.Reveal(), buffer, out var value);
        return found.IsKnown ? Decide(found, value, question) : ApiKeyDecision.Unavailable;
    }

    /// <summary>Of what was found to be a value already.</summary>
    private static PackedKeyId IdOf(ApiKeyQuestion question)
    {
        Span<byte> buffer = stackalloc byte[ApiKeyValue.MaxLength];
        PresentedValue.TryRead(question.Key.Reveal(), buffer, out var value);
        return value.KeyId;
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
