namespace ApiKeys.Server.Tests.Gateways;

/// <summary>A program of Debian's, and how the configuration of its recipe is given to it.</summary>
public abstract class GatewayProgram
{
    public abstract string Name { get; }

    /// <summary>Debian's packages of it.</summary>
    public abstract string Packages { get; }

    /// <summary>Where it may be.</summary>
    protected abstract IEnumerable<string> Places { get; }

    internal abstract Recipe Recipe { get; }

    /// <summary>What its clients are answered. By default what the service has answered, as it is.</summary>
    internal virtual Answered Expect(Outcome outcome) => Answered.By(outcome);

    public string Program => Places.FirstOrDefault(File.Exists) ?? throw NotInstalled(Name);

    private protected InvalidOperationException NotInstalled(string what) =>
        new($"{what} is not installed: apt-get install {Packages}, or run scripts/test, which does.");

    /// <summary>Writes the recipe to a folder, with the addresses of the test.</summary>
    /// <param name="site">Who is where.</param>
    /// <param name="folder">Empty.</param>
    /// <param name="edit">Changes the recipe first, as its reader might.</param>
    /// <returns>The arguments of the program.</returns>
    internal abstract IEnumerable<string> Configure(GatewayAddresses site, DirectoryInfo folder, Func<string, string> edit);

    public override string ToString() => Name;
}

/// <param name="Gateway">Where it listens, such as 127.0.0.1:8080.</param>
/// <param name="Service">This service.</param>
/// <param name="Secure">The same by TLS; localhost and a port.</param>
/// <param name="Certificate">The file of the certificate that this is proved with.</param>
/// <param name="Upstream">The API that is to be protected.</param>
/// <param name="Verifier">A key with the scope <c>api-keys:verify</c>.</param>
internal sealed record GatewayAddresses(string Gateway, string Service, string Secure, string Certificate, string Upstream, string Verifier)
{
    public string VerifierId => string.Join('_', Verifier.Split('_')[2..4]);
}
