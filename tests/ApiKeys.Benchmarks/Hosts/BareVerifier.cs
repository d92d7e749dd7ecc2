using System.Diagnostics.CodeAnalysis;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.Verification;

namespace ApiKeys.Benchmarks.Hosts;

/// <summary>The product's verifier without limits and notes of uses, to tell what these take: the checksum, the key, the decision.</summary>
internal sealed class BareVerifier(KeyLookup lookup) : IApiKeyVerifier
{
    public bool TryVerify(ApiKeyQuestion question, [NotNullWhen(true)] out ApiKeyDecision? decision)
    {
        Span<byte> buffer = stackalloc byte[ApiKeyValue.MaxLength];
        decision = !PresentedValue.TryRead(question.Key.Reveal(), buffer, out var value) ? ApiKeyDecision.InvalidKey
            : lookup.TryFind(value.KeyId, out var found) ? Decide(found, value, question)
            : null;
        return decision is not null;
    }

    public ValueTask<ApiKeyDecision> VerifyAsync(ApiKeyQuestion question, CancellationToken cancellationToken) =>
        TryVerify(question, out var decision) ? new(decision) : ReadAsync(question, cancellationToken);

    private async ValueTask<ApiKeyDecision> ReadAsync(ApiKeyQuestion question, CancellationToken cancellationToken)
    {
        var found = await lookup.FindAsync(Read(question, new byte[ApiKeyValue.MaxLength]).KeyId, cancellationToken);
        return found.IsKnown ? Decide(found, Read(question, new byte[ApiKeyValue.MaxLength]), question) : ApiKeyDecision.Unavailable;
    }

    /// <summary>Of what was found to be a value already.</summary>
    private static PresentedValue Read(ApiKeyQuestion question, Span<byte> buffer)
    {
        PresentedValue.TryRead(question.Key.Reveal(), buffer, out var value);
        return value;
    }

    private static ApiKeyDecision Decide(KeyFound found, PresentedValue value, in ApiKeyQuestion question) => found.Key is { } key
        ? KeyDecision.Decide(key, value, question, found.Now).Decision
        : ApiKeyDecision.InvalidKey;
}
