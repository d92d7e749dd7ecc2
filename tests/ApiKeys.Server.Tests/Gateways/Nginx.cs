namespace ApiKeys.Server.Tests.Gateways;

public sealed class Nginx : GatewayProgram
{
    public override string Name => "nginx";

    public override string Packages => "nginx";

    protected override IEnumerable<string> Places => NginxFiles.Programs;

    internal override Recipe Recipe { get; } = new("nginx.md");

    /// <summary>It reads the status and the headers of an answer, and no more.</summary>
    internal override Answered Expect(Outcome outcome) => base.Expect(outcome) with { Code = null };

    internal override IEnumerable<string> Configure(GatewayAddresses site, DirectoryInfo folder, Func<string, string> edit) =>
        NginxFiles.Write(folder,
            edit(Recipe.Block("nginx"))
                .With("127.0.0.1:8080", site.Gateway).Replace("127.0.0.1:5080", site.Service, StringComparison.Ordinal).With("127.0.0.1:3000", site.Upstream));
}
