namespace ApiKeys.Server.Tests.Gateways;

public sealed class Caddy : GatewayProgram
{
    public override string Name => "Caddy";

    public override string Packages => "caddy";

    protected override IEnumerable<string> Places => ["/usr/bin/caddy", "/usr/local/bin/caddy"];

    internal override Recipe Recipe { get; } = new("caddy.md");

    internal override IEnumerable<string> Configure(GatewayAddresses site, DirectoryInfo folder, Func<string, string> edit)
    {
        var file = Path.Combine(folder.FullName, "Caddyfile");
        var recipe = edit(Recipe.Block("caddyfile"))
            .With(":8080 {", $":{site.Gateway.Split(':')[1]} {{").Replace("127.0.0.1:5080", site.Service, StringComparison.Ordinal).With("127.0.0.1:3000", site.Upstream);
        File.WriteAllText(
            file,
            $$"""
            {
                admin off
                storage file_system {{folder.FullName}}
            }

            {{recipe}}
            """);
        return ["run", "--adapter", "caddyfile", "--config", file];
    }
}
