namespace ApiKeys.Server.Tests.Gateways;

/// <summary>Apache as well, with a script that asks as the other gateways do.</summary>
public sealed class ApacheLua : ApacheProgram
{
    private const string Libraries = "/usr/share/lua";

    public override string Name => "Apache, Lua";

    public override string Packages => "apache2 lua-socket";

    internal override IEnumerable<string> Configure(GatewayAddresses site, DirectoryInfo folder, Func<string, string> edit)
    {
        if (!Directory.Exists(Libraries) || !Directory.EnumerateDirectories(Libraries).Any(version => File.Exists(Path.Combine(version, "socket/http.lua"))))
            throw NotInstalled("LuaSocket");

        var script = Path.Combine(folder.FullName, "apikeys.lua");
        File.WriteAllText(script, Recipe.Block("lua").With("127.0.0.1:5080", site.Service));
        return Configure(
            folder, Recipe.Block("console"),
            edit(Recipe.Block("apache"))
                .With("127.0.0.1:8080", site.Gateway).With("127.0.0.1:3000", site.Upstream).With("/etc/apache2/apikeys.lua", script));
    }
}
