using System.Text.RegularExpressions;

namespace ApiKeys.Server.Tests.Gateways;

/// <summary>Apache, with the modules that its reader is told to enable.</summary>
public abstract partial class ApacheProgram : GatewayProgram
{
    private const string Available = "/etc/apache2/mods-available";

    /// <summary>What Debian's package has enabled, as far as it is needed.</summary>
    private static readonly string[] Enabled =
        ["mpm_event", "authn_core", "authz_core", "authz_host", "authz_user", "auth_basic", "setenvif", "env"];

    protected override IEnumerable<string> Places => ["/usr/sbin/apache2"];

    internal override Recipe Recipe { get; } = new("apache.md");

    /// <param name="folder">Empty.</param>
    /// <param name="commands">In which the reader enables modules.</param>
    /// <param name="site">The recipe.</param>
    private protected IEnumerable<string> Configure(DirectoryInfo folder, string commands, string site)
    {
        File.WriteAllText(Path.Combine(folder.FullName, "apikeys.conf"), site);
        var file = Path.Combine(folder.FullName, "apache2.conf");
        File.WriteAllText(
            file,
            $"""
            ServerName localhost
            ServerRoot {folder.FullName}
            DefaultRuntimeDir {folder.FullName}
            PidFile {folder.FullName}/apache2.pid
            Mutex file:{folder.FullName} default
            ErrorLog /dev/stderr
            User www-data
            Group www-data
            {string.Join('\n', Modules(commands).Select(module => $"Include {Available}/{module}.load"))}
            Include {folder.FullName}/apikeys.conf
            """);
        return ["-f", file, "-X"]; // one process, so that its end is the end of all
    }

    /// <summary>And those that they need.</summary>
    private List<string> Modules(string commands)
    {
        var modules = new List<string>();
        foreach (var module in Enabled.Concat(Enable.Match(commands).Groups["modules"].Value.Split(' ')))
            Add(module);

        return modules;

        void Add(string module)
        {
            if (modules.Contains(module))
                return;

            var file = Path.Combine(Available, $"{module}.load");
            if (!File.Exists(file))
                throw NotInstalled($"Apache's module {module}");

            foreach (var needed in Depends.Match(File.ReadAllText(file)).Groups["modules"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                Add(needed);

            modules.Add(module);
        }
    }

    [GeneratedRegex(@"a2enmod (?<modules>[\w ]+)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Enable { get; }

    [GeneratedRegex(@"^# Depends: (?<modules>[\w ]+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Depends { get; }
}
