namespace ApiKeys.Server.Tests.Gateways;

/// <summary>What nginx takes besides its recipe to run by itself, in a folder.</summary>
internal static class NginxFiles
{
    /// <summary>Where nginx may be.</summary>
    public static readonly string[] Programs = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"];

    /// <param name="folder">Of its own.</param>
    /// <param name="recipe">What would stand in <c>conf.d</c>.</param>
    /// <returns>The arguments of the program.</returns>
    public static IEnumerable<string> Write(DirectoryInfo folder, string recipe)
    {
        File.WriteAllText(Path.Combine(folder.FullName, "apikeys.conf"), recipe);

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
