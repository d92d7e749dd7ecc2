using System.Net;
using ApiKeys.Server.Http;

namespace ApiKeys.Server.Verification.Gateway;

/// <summary>The section <c>Gateway</c>: who may ask on behalf of others.</summary>
internal sealed record GatewayOptions
{
    public const string SectionName = "Gateway";

    /// <summary>Stands for whoever connects by a Unix socket.</summary>
    private const string UnixSocket = "unix";

    /// <summary>
    /// The networks of the gateways, by the address of the connection itself, and <c>unix</c> for those that come by a Unix socket.
    /// Default: this machine.
    /// </summary>
    public string[] AllowedNetworks { get; init; } = [];

    /// <summary>The only port on which gateways are answered, and nobody else is. Default none: on every port.</summary>
    public int? Port { get; init; }

    public IEnumerable<string> Errors()
    {
        for (var i = 0; i < AllowedNetworks.Length; i++)
            if (AllowedNetworks[i] != UnixSocket && !Networks.TryNormalize(AllowedNetworks[i], out _))
                yield return $"{SectionName}:{nameof(AllowedNetworks)}:{i} is '{AllowedNetworks[i]}', which is not an address, nor a network such as 10.0.0.0/8, nor '{UnixSocket}'.";

        if (Port is < 1 or > 65_535)
            yield return $"{SectionName}:{nameof(Port)} is {Port} and must be 1 to 65535.";
    }

    /// <param name="address">Of the connection; null where it has none.</param>
    public bool Allows(IPAddress? address)
    {
        if (AllowedNetworks.Length == 0)
            return address is null || IPAddress.IsLoopback(address);

        if (address is null)
            return AllowedNetworks.Contains(UnixSocket);

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return AllowedNetworks.Any(text => Networks.TryNormalize(text, out var network) && System.Net.IPNetwork.Parse(network).Contains(plain));
    }
}
