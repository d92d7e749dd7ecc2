namespace ApiKeys.Server.Tests.Gateways;

public sealed class Haproxy : GatewayProgram
{
    public override string Name => "HAProxy";

    public override string Packages => "haproxy";

    protected override IEnumerable<string> Places => ["/usr/sbin/haproxy", "/usr/local/sbin/haproxy"];

    internal override Recipe Recipe { get; } = new("haproxy.md");

    internal override IEnumerable<string> Configure(GatewayAddresses site, DirectoryInfo folder, Func<string, string> edit)
    {
        var script = Path.Combine(folder.FullName, "apikeys.lua");
        var file = Path.Combine(folder.FullName, "haproxy.cfg");
        var recipe = edit(Recipe.Block("lua") + Boundary + Recipe.Block("haproxy")).Split(Boundary);
        File.WriteAllText(script, recipe[0].Replace("127.0.0.1:5080", site.Service, StringComparison.Ordinal));
        File.WriteAllText(
            file,
            recipe[1].With("/etc/haproxy/apikeys.lua", script).With("127.0.0.1:8080", site.Gateway).With("127.0.0.1:3000", site.Upstream));
        return ["-db", "-f", file];
    }

    private const string Boundary = "\f";
}
