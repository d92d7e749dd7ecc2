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
    public static ApiKeyDecision Decide(KeySnapshot key, ApiKeyValue value, IPAddress? address, DateTimeOffset now)
    {
        if (!key.Secret.Matches(value) && !IsPrevious(key, value, now))
            return ApiKeyDecision.InvalidKey;

        if (key.IsRevoked)
            return ApiKeyDecision.RevokedKey;

        if (key.ExpiresAt <= now)
            return ApiKeyDecision.ExpiredKey;

        if (!key.IsEnabled)
            return ApiKeyDecision.DisabledKey;

        if (key.IsSuspended)
            return ApiKeyDecision.OrganizationSuspended;

        return IsAllowed(key.AllowedNetworks, address) ? ApiKeyDecision.Accept(key.Identity) : ApiKeyDecision.IpNotAllowed;
    }

    /// <summary>Whether it was the previous secret that was right, in its grace period.</summary>
    public static bool IsPrevious(KeySnapshot key, ApiKeyValue value, DateTimeOffset now) =>
        key.Previous is { } previous && now < previous.ExpiresAt && previous.Secret.Matches(value);

    private static bool IsAllowed(IReadOnlyList<IPNetwork> networks, IPAddress? address)
    {
        if (networks.Count == 0)
            return true;

        if (address is null)
            return false;

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return networks.Any(network => network.Contains(plain));
    }
}
