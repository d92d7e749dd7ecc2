using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Gateways;

/// <summary>Of this machine, for those who are given it; in a folder that is open to other accounts.</summary>
internal sealed class ServerCertificate : IDisposable
{
    public ServerCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        Certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        System.IO.File.WriteAllText(File, Certificate.ExportCertificatePem());
        System.IO.File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
    }

    public DirectoryInfo Folder { get; } = TempFolder.Create("apikeys-certificate-");

    public X509Certificate2 Certificate { get; }

    public string File => Path.Combine(Folder.FullName, "certificate.pem");

    public string KeyFile => Path.Combine(Folder.FullName, "key.pem");

    public void Dispose()
    {
        Certificate.Dispose();
        Folder.Delete(recursive: true);
    }
}
