using System.Net;
using System.Runtime.InteropServices;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Lookup;

namespace ApiKeys.Server.Verification;

/// <summary>The judgement itself: a pure function of what is known of a key, what was presented, from where, for what and when.</summary>
internal static class KeyDecision
{
    /// <summary>
    /// The secret comes first: only who presents a right one is told anything of the key. An instant of expiry is the first
    /// one at which a secret is refused.
    /// </summary>
    public static Judgement Decide(KeySnapshot key, PresentedValue value, in ApiKeyQuestion question, DateTimeOffset now)
    {
        var secret = key.Secret.Matches(value.Ascii) ? SecretUsed.Current
            : key.Previous is { } previous && previous.Secret.Matches(value.Ascii) ? SecretUsed.Previous
            : SecretUsed.Neither;

        return new(Decide(key, secret, question, now), secret);
    }

    /// <summary>The same of a secret that was found to be right before, and may have been replaced since.</summary>
    public static ApiKeyDecision Decide(KeySnapshot key, int secretNumber, in ApiKeyQuestion question, DateTimeOffset now) => Decide(
        key,
        secretNumber == key.SecretNumber ? SecretUsed.Current
            : secretNumber == key.SecretNumber - 1 && key.Previous is not null ? SecretUsed.Previous
            : SecretUsed.Neither,
        question, now);

    private static ApiKeyDecision Decide(KeySnapshot key, SecretUsed secret, in ApiKeyQuestion question, DateTimeOffset now)
    {
        if (secret == SecretUsed.Neither || (secret == SecretUsed.Previous && now >= key.Previous!.ExpiresAt))
            return ApiKeyDecision.InvalidKey;

        var refusal =
            key.IsRevoked ? ApiKeyOutcome.RevokedKey
            : key.ExpiresAt <= now ? ApiKeyOutcome.ExpiredKey
            : !key.IsEnabled ? ApiKeyOutcome.DisabledKey
            : key.Tenancy.IsSuspended ? ApiKeyOutcome.OrganizationSuspended
            : !IsAllowed(key.AllowedNetworks, question.Address) ? ApiKeyOutcome.IpNotAllowed
            : ApiKeyOutcome.Accepted;

        return refusal != ApiKeyOutcome.Accepted ? ApiKeyDecision.Refuse(refusal, key.Identity)
            : MissingOf(key, question.Scopes) is { } missing ? ApiKeyDecision.RefuseScope(missing, key.Identity)
            : question.AnyOf is { } any && !HoldsOne(key, any) ? ApiKeyDecision.RefuseScope(any.Count > 0 ? any[0] : null, key.Identity)
            : secret == SecretUsed.Current ? key.Accepted
            : key.AcceptedByPrevious;
    }

    private static string? MissingOf(KeySnapshot key, IReadOnlyList<string> scopes)
    {
        for (var i = 0; i < scopes.Count; i++)
            if (!key.Scopes.Contains(scopes[i]))
                return scopes[i];

        return null;
    }

    private static bool HoldsOne(KeySnapshot key, IReadOnlyList<string> scopes)
    {
        for (var i = 0; i < scopes.Count; i++)
            if (key.Scopes.Contains(scopes[i]))
                return true;

        return false;
    }

    private static bool IsAllowed(IPNetwork[] networks, IPAddress? address)
    {
        if (networks.Length == 0)
            return true;

        if (address is null)
            return false;

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var network in networks)
            if (network.Contains(plain))
                return true;

        return false;
    }
}

/// <param name="Decision">What is answered.</param>
/// <param name="Secret">What the presented value turned out to be.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Judgement(ApiKeyDecision Decision, SecretUsed Secret);
