using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace ApiKeys.Server.Keys;

/// <summary>Addresses and networks as administrators write them, and as they are kept: CIDR, one spelling each.</summary>
internal static class AllowedIps
{
    private static readonly SearchValues<char> Characters = SearchValues.Create("0123456789abcdefABCDEF.:/");

    public static string Normalize(string text) =>
        TryNormalize(text, out var network) ? network : throw new FormatException("Not an address or network; validation lets none through.");

    /// <summary>A single address becomes a network of one. A network's address must be its first: 203.0.113.0/24, not 203.0.113.7/24.</summary>
    public static bool TryNormalize(string? text, [NotNullWhen(true)] out string? network)
    {
        network = null;
        if (text is null)
            return false;

        // Shorthands such as "10.1" and zones such as "fe80::1%eth0" are addresses to some, but nobody can be sure which.
        if (text.AsSpan().ContainsAnyExcept(Characters) || !(text.Contains(':') || text.AsSpan().Count('.') == 3))
            return false;

        if (IPNetwork.TryParse(text, out var parsed))
            network = IPAddress.Parse(text.AsSpan(0, text.IndexOf('/', StringComparison.Ordinal))).Equals(parsed.BaseAddress) ? parsed.ToString() : null;
        else if (IPAddress.TryParse(text, out var address))
            network = new IPNetwork(address, address.GetAddressBytes().Length * 8).ToString();

        return network is not null;
    }
}
