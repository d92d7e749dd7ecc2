using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace ApiKeys.Server.Http;

/// <summary>Addresses and networks as administrators write them, and as they are kept: CIDR, one spelling each.</summary>
internal static class Networks
{
    /// <summary>IPv6 with its last part written as IPv4, and a length of three digits.</summary>
    public const int MaxTextLength = 49;

    public const string Pattern = "^[0-9a-fA-F.:/]+$";

    private static readonly SearchValues<char> Characters = SearchValues.Create("0123456789abcdefABCDEF.:/");

    public static string Normalize(string text) =>
        TryNormalize(text, out var network) ? network : throw new FormatException("Not an address or network; validation lets none through.");

    /// <summary>A single address becomes a network of one. A network's address must be its first: 203.0.113.0/24, not 203.0.113.7/24.</summary>
    public static bool TryNormalize(string? text, [NotNullWhen(true)] out string? network)
    {
        network = null;
        if (text is null or { Length: > MaxTextLength })
            return false;

        if (text.AsSpan().ContainsAnyExcept(Characters))
            return false;

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var written = slash < 0 ? text : text[..slash];
        if (!IPAddress.TryParse(written, out var address) || !IsPlain(address, written))
            return false;

        if (slash < 0)
            network = new IPNetwork(address, address.GetAddressBytes().Length * 8).ToString();
        else if (IPNetwork.TryParse(text, out var parsed) && parsed.BaseAddress.Equals(address))
            network = parsed.ToString();

        return network is not null;
    }

    /// <summary>One address, in the one way in which everybody reads it.</summary>
    public static bool TryParseAddress(string? text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text);

    /// <summary>
    /// Shorthands such as 10.1, octal numbers such as 010.0.0.1 and zones are addresses to some, but nobody can be sure which;
    /// and callers by IPv4 are always judged as such, so that an address mapped into IPv6 would match nobody.
    /// </summary>
    private static bool IsPlain(IPAddress address, string written) =>
        address.AddressFamily == AddressFamily.InterNetwork ? address.ToString() == written : !address.IsIPv4MappedToIPv6;
}
