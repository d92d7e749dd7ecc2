using System.Net;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Verification;

/// <summary>The judgement itself: a pure function of what is known of a key, what was presented, from where and when.</summary>
internal static class KeyDecision
{
    /// <summary>
    /// The secret comes first: only who presents a right one is told anything of the key. An instant of expiry is the first
    /// one at which a secret is refused.
    /// </summary>
    public static ApiKeyDecision Decide(KeySnapshot key, PresentedValue value, IPAddress? address, DateTimeOffset now)
    {
        var isCurrent = key.Secret.Matches(value.Ascii);
        if (!isCurrent && !IsPrevious(key, value, now))
            return ApiKeyDecision.InvalidKey;

        var refusal =
            key.IsRevoked ? ApiKeyOutcome.RevokedKey
            : key.ExpiresAt <= now ? ApiKeyOutcome.ExpiredKey
            : !key.IsEnabled ? ApiKeyOutcome.DisabledKey
            : key.Tenancy.IsSuspended ? ApiKeyOutcome.OrganizationSuspended
            : !IsAllowed(key.AllowedNetworks, address) ? ApiKeyOutcome.IpNotAllowed
            : ApiKeyOutcome.Accepted;

        return refusal != ApiKeyOutcome.Accepted ? ApiKeyDecision.Refuse(refusal, key.Identity)
            : isCurrent ? key.Accepted
            : key.AcceptedByPrevious;
    }

    /// <summary>Whether it is the previous secret, in its grace period.</summary>
    private static bool IsPrevious(KeySnapshot key, PresentedValue value, DateTimeOffset now) =>
        key.Previous is { } previous && now < previous.ExpiresAt && previous.Secret.Matches(value.Ascii);

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
