namespace ApiKeys.Benchmarks;

/// <summary>What a <see cref="BenchHost"/> runs.</summary>
/// <param name="Arguments">Of <c>dotnet</c>.</param>
/// <param name="Settings">Environment variables.</param>
internal sealed record HostProgram(IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>The only core that it may use; null for all.</summary>
    public int? Core { get; init; }

    /// <summary>A Unix socket where it listens, too.</summary>
    public string? Socket { get; init; }

    /// <summary>The product itself.</summary>
    public static HostProgram Server(string connectionString) => new([PathOf("ApiKeys.Server.dll")], SettingsOf(connectionString));

    /// <summary>The product without the line that it logs of each request.</summary>
    public static HostProgram QuietServer(string connectionString) =>
        new([PathOf("ApiKeys.Server.dll")], new Dictionary<string, string>(SettingsOf(connectionString))
        {
            ["Serilog__MinimumLevel__Override__ApiKeys"] = "Warning",
        });

    /// <summary>The same behind gateways that may say where a request comes from.</summary>
    public HostProgram Behind(params string[] gateways) => this with
    {
        Settings = new Dictionary<string, string>(
            Settings.Concat(gateways.Select((gateway, index) => KeyValuePair.Create($"TrustedProxies__{index}", gateway)))),
    };

    /// <summary>The endpoints of <see cref="Hosts.OpenHost"/>, for everybody.</summary>
    public static HostProgram Open() => new([PathOf("ApiKeys.Benchmarks.dll"), Hosts.OpenHost.Verb], new Dictionary<string, string>());

    /// <summary>The same for those with a key: <see cref="Hosts.KeysHost"/>.</summary>
    public static HostProgram Keys(string connectionString) =>
        new([PathOf("ApiKeys.Benchmarks.dll"), Hosts.KeysHost.Verb], SettingsOf(connectionString));

    /// <summary>The same in an API that asks a service by the package: <see cref="Hosts.PackageHost"/>.</summary>
    public static HostProgram Package(Uri service, ApiKeyValue credential) =>
        new([PathOf("ApiKeys.Benchmarks.dll"), Hosts.PackageHost.Verb], new Dictionary<string, string>
        {
            [$"{Hosts.PackageHost.Section}__Address"] = service.ToString(),
            [$"{Hosts.PackageHost.Section}__Credential"] = credential.Reveal(),
        });

    /// <summary>The same without limits, and without notes of uses.</summary>
    public static HostProgram BareKeys(string connectionString) =>
        new([PathOf("ApiKeys.Benchmarks.dll"), Hosts.KeysHost.BareVerb], SettingsOf(connectionString));

    private static Dictionary<string, string> SettingsOf(string connectionString) => new()
    {
        ["ConnectionStrings__ApiKeys"] = connectionString,
        ["SampleApi__Enabled"] = "true", // its catalog has the scopes that the keys hold
    };

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, file);
}
