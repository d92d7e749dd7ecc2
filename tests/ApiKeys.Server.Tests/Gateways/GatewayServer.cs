using System.Net;
using System.Security.Cryptography.X509Certificates;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace ApiKeys.Server.Tests.Gateways;

/// <summary>The host as gateways may reach it: by HTTP, by TLS and by a Unix socket.</summary>
public sealed class GatewayServer : TestServer
{
    private readonly ServerCertificate _certificate = new();

    public GatewayServer() => UseKestrel(kestrel =>
    {
        kestrel.ListenUnixSocket(Socket);
        kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(_certificate.Certificate));
        kestrel.Listen(IPAddress.Loopback, 0);
    });

    internal X509Certificate2 Certificate => _certificate.Certificate;

    /// <summary>Its path.</summary>
    public string Socket => Path.Combine(_certificate.Folder.FullName, "apikeys.sock");

    protected override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["TrustedProxies:0"] = "127.0.0.1",
        ["TrustedProxies:1"] = "unix",
    };

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        var verifier = await CreateKeyAsync(new { name = "Gateway", roles = new[] { "verifier" } });
        var addresses = Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Addresses = new(
            Gateway: "",
            Service: addresses.Single(address => address.StartsWith("http://127", StringComparison.Ordinal))["http://".Length..],
            Secure: addresses.Single(address => address.StartsWith("https://", StringComparison.Ordinal)).Replace("https://127.0.0.1", "localhost", StringComparison.Ordinal),
            Certificate: _certificate.File,
            Upstream: "",
            Verifier: verifier.Value);
    }

    internal GatewayAddresses Addresses { get; private set; } = null!;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _certificate.Dispose();
        GC.SuppressFinalize(this);
    }
}
