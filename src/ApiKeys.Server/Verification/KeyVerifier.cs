using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.Model;
using ApiKeys.Server.Verification.RateLimits;
using ApiKeys.Server.Verification.Usage;

namespace ApiKeys.Server.Verification;

/// <summary>
/// Verifies in process: the checksum (garbage ends there), the key, the decision, its rate limit, a note of the use. Of a key that is
/// remembered, and has no limit, it waits for nothing and allocates nothing, and takes no lock unless the client's address is a new one.
/// </summary>
internal sealed class KeyVerifier(
    KeyLookup lookup, RateLimiter limiter, FailedAttempts failed, RateLimitOptions options, UsageLog usage) : IApiKeyVerifier
{
    /// <summary>How often a request waits for a limit that is changed in the meantime.</summary>
    private const int MaxTurns = 3;

    [SkipLocalsInit]
    public bool TryVerify(ApiKeyQuestion question, [NotNullWhen(true)] out ApiKeyDecision? decision)
    {
        Span<byte> buffer = stackalloc byte[ApiKeyValue.MaxLength];
        decision = !PresentedValue.TryRead(question.Key.Reveal(), buffer, out var value) ? ApiKeyDecision.InvalidKey
            : lookup.TryFind(value.KeyId, out var found) ? TryDecide(found, value, question)
            : null;
        return decision is not null;
    }

    public ValueTask<ApiKeyDecision> VerifyAsync(ApiKeyQuestion question, CancellationToken cancellationToken) =>
        TryVerify(question, out var decision) ? new(decision) : DecideAsync(question, cancellationToken);

    /// <summary>Whoever has waited for his turn is judged again: meanwhile the key may have been revoked, and others may have been told so.</summary>
    private async ValueTask<ApiKeyDecision> DecideAsync(ApiKeyQuestion question, CancellationToken cancellationToken)
    {
        var (limit, answer) = ((RateLimit?)null, default(RateAnswer));
        for (var turns = 0; ; turns++)
        {
            var (found, judged) = await JudgeAsync(question, cancellationToken);
            if (found.Key is not { RateLimit: not null } key || judged.Decision.Identity is null)
                return Noted(found, judged, question);

            if (key.RateLimit == limit || turns == MaxTurns)
                return Noted(found, Limited(judged, key.RateLimit == limit ? answer : RateAnswer.Failed), question);

            (limit, answer) = (key.RateLimit, await limiter.TakeAsync(key, question.Cost, cancellationToken));
        }
    }

    /// <summary>By what is remembered or, unless too many of its keys were nobody's, by a read.</summary>
    private async ValueTask<(KeyFound Found, Judgement Judged)> JudgeAsync(ApiKeyQuestion question, CancellationToken cancellationToken)
    {
        var id = IdOf(question);
        if (!lookup.TryFind(id, out var found))
        {
            if (failed.Over(question.Address) is { } limit && !lookup.HasMet(id))
                return (KeyFound.Unavailable, new Judgement(ApiKeyDecision.RefuseRate(limit), SecretUsed.Neither));

            found = await lookup.FindAsync(id, cancellationToken);
            if (found.IsNews)
                failed.Count(question.Address);
        }

        return (found, found.IsKnown ? Judge(found, question) : new Judgement(ApiKeyDecision.Unavailable, SecretUsed.Neither));
    }

    private static Judgement Judge(KeyFound found, ApiKeyQuestion question)
    {
        Span<byte> buffer = stackalloc byte[ApiKeyValue.MaxLength];
        PresentedValue.TryRead(question.Key.Reveal(), buffer, out var value);
        return Judge(found, value, question);
    }

    private static Judgement Judge(KeyFound found, PresentedValue value, in ApiKeyQuestion question) => found.Key is { } key
        ? KeyDecision.Decide(key, value, question, found.Now)
        : new Judgement(ApiKeyDecision.InvalidKey, SecretUsed.Neither);

    /// <summary>Of what was found to be a value already.</summary>
    private static PackedKeyId IdOf(ApiKeyQuestion question)
    {
        Span<byte> buffer = stackalloc byte[ApiKeyValue.MaxLength];
        PresentedValue.TryRead(question.Key.Reveal(), buffer, out var value);
        return value.KeyId;
    }

    /// <returns>Null where the key's limit can only be told by the database.</returns>
    private ApiKeyDecision? TryDecide(KeyFound found, PresentedValue value, in ApiKeyQuestion question)
    {
        var judged = Judge(found, value, question);
        if (found.Key is { RateLimit: not null } key && judged.Decision.Identity is not null)
        {
            var answer = limiter.TryTake(key, question.Cost);
            if (answer.Verdict == RateVerdict.Ask)
                return null;

            judged = Limited(judged, answer);
        }

        return Noted(found, judged, question);
    }

    /// <summary>What becomes of an accepted key by its limit; others are refused as they are.</summary>
    private Judgement Limited(Judgement judged, RateAnswer answer)
    {
        var decision = judged.Decision;
        return decision.Identity is not { } identity ? judged : judged with
        {
            Decision = answer.Verdict switch
            {
                RateVerdict.Admit => decision.With(answer.Limit),
                RateVerdict.Refuse => ApiKeyDecision.RefuseRate(answer.Limit, identity),
                RateVerdict.Ask when options.WhenUnavailable == WhenUnavailable.Allow => decision,
                _ => ApiKeyDecision.Unavailable,
            },
        };
    }

    private ApiKeyDecision Noted(KeyFound found, Judgement judged, in ApiKeyQuestion question)
    {
        if (found.Key is { } key && judged.Decision.Outcome != ApiKeyOutcome.Unavailable)
            usage.Record(key, judged.Secret, judged.Decision.Outcome, question.Address, found.Now);

        return judged.Decision;
    }
}
