namespace ApiKeys.Server.Tests.Gateways;

public sealed class Nginx : GatewayProgram
{
    public override string Name => "nginx";

    public override string Packages => "nginx";

    protected override IEnumerable<string> Places => ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"];

    internal override Recipe Recipe { get; } = new("nginx.md");

    /// <summary>It reads the status and the headers of an answer, and no more.</summary>
    internal override Answered Expect(Outcome outcome) => base.Expect(outcome) with { Code = null };

    internal override IEnumerable<string> Configure(GatewayAddresses site, DirectoryInfo folder, Func<string, string> edit)
    {
        File.WriteAllText(
            Path.Combine(folder.FullName, "apikeys.conf"),
            edit(Recipe.Block("nginx"))
                .With("127.0.0.1:8080", site.Gateway).Replace("127.0.0.1:5080", site.Service, StringComparison.Ordinal).With("127.0.0.1:3000", site.Upstream));

        // One process, so that its end is the end of all.
        File.WriteAllText(
            Path.Combine(folder.FullName, "nginx.conf"),
            $$"""
            daemon off;
            master_process off;
            pid {{folder.FullName}}/nginx.pid;
            error_log stderr warn;
            events {}
            http {
                access_log off;
                client_body_temp_path {{folder.FullName}}/body;
                proxy_temp_path {{folder.FullName}}/proxy;
                fastcgi_temp_path {{folder.FullName}}/fastcgi;
                uwsgi_temp_path {{folder.FullName}}/uwsgi;
                scgi_temp_path {{folder.FullName}}/scgi;
                include {{folder.FullName}}/apikeys.conf;
            }
            """);
        return ["-p", folder.FullName, "-e", "stderr", "-c", Path.Combine(folder.FullName, "nginx.conf")];
    }
}
