namespace ApiKeys.Server.Tests.Gateways;

/// <summary>Apache with mod_auth_openidc, which introspects keys.</summary>
public sealed class Apache : ApacheProgram
{
    public override string Name => "Apache";

    public override string Packages => "apache2 libapache2-mod-auth-openidc";

    /// <summary>
    /// Introspection says of a key that it is active, and no more: a client whose limit is used up, or whose key nobody could check, is told
    /// that it is not valid.
    /// </summary>
    internal override Answered Expect(Outcome outcome) => outcome switch
    {
        Outcome.Accepted => base.Expect(outcome) with { HasLimit = false },
        Outcome.WrongScope => base.Expect(outcome) with { Code = null },
        Outcome.NoKey => new(401) { Challenge = "Bearer error=\"invalid_request\", error_description=\"No bearer token found in the request\"" },
        _ => new(401) { Challenge = "Bearer error=\"invalid_token\", error_description=\"Reference token could not be introspected\"" },
    };

    internal override IEnumerable<string> Configure(GatewayAddresses site, DirectoryInfo folder, Func<string, string> edit) => Configure(
        folder, Recipe.Block("console", 1),
        edit(Recipe.Block("apache", 1))
            .With("127.0.0.1:8080", site.Gateway).With("127.0.0.1:3000", site.Upstream).With("localhost:5081", site.Secure)
            .With("/etc/apache2/apikeys.pem", site.Certificate)
            .With("sk_live_k_7Fq2mZ81xY4c_...", site.Verifier).With("k_7Fq2mZ81xY4c", site.VerifierId));
}
