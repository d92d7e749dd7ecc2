using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace ApiKeys.Server.Http;

/// <summary>
/// The setting <c>TrustedProxies</c>: the addresses and networks of the proxies in front of us, whose <c>X-Forwarded-For</c> says
/// where a request came from, and whose <c>X-Forwarded-Proto</c> whether it was encrypted. Read from the right, up to the first address that is none of them; from anybody else it is text.
/// </summary>
internal sealed class TrustedProxies
{
    private const string SectionName = "TrustedProxies";

    /// <summary>Stands for whoever connects by a Unix socket, where there is no address to go by.</summary>
    private const string UnixSocket = "unix";

    private readonly List<IPNetwork> _networks = [];
    private bool _trustsUnixSocket;

    public static TrustedProxies Load(IConfiguration configuration, List<string> errors)
    {
        var proxies = new TrustedProxies();
        if (configuration[SectionName] is { Length: > 0 } single)
            errors.Add($"{SectionName} is '{single}', and must be a list: {SectionName}:0, {SectionName}:1 and so on.");

        foreach (var entry in configuration.GetSection(SectionName).GetChildren())
        {
            if (entry.Value == UnixSocket)
                proxies._trustsUnixSocket = true;
            else if (Networks.TryNormalize(entry.Value, out var network))
                proxies._networks.Add(IPNetwork.Parse(network));
            else
                errors.Add($"{entry.Path} is '{entry.Value}', which is not an address, nor a network such as 10.0.0.0/8, nor '{UnixSocket}'.");
        }

        return proxies;
    }

    /// <summary>From here on the connection's address is where the request came from; one spelling each.</summary>
    public void Use(IApplicationBuilder app)
    {
        if (_networks.Count > 0 || _trustsUnixSocket)
            UseForwarded(app);

        app.Use(static (context, next) =>
        {
            if (context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped)
                context.Connection.RemoteIpAddress = mapped.MapToIPv4();

            return next(context);
        });
    }

    private void UseForwarded(IApplicationBuilder app)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in _networks)
            options.KnownIPNetworks.Add(network);

        // The middleware takes a connection without an address for a trusted one.
        app.UseWhen(context => context.Connection.RemoteIpAddress is not null || _trustsUnixSocket, branch => branch.UseForwardedHeaders(options));
    }
}
