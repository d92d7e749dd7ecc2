using ApiKeys.Benchmarks.Hosts;
using ApiKeys.Benchmarks.Load;
using ApiKeys.Benchmarks.Report;
using Npgsql;

namespace ApiKeys.Benchmarks.Gateway;

/// <summary>
/// nginx that asks the whole server about each request, against the same nginx that asks an endpoint which says yes to everybody. nginx
/// and whom it asks share one core, so that what either takes of it is missed; and what is protected costs next to nothing.
/// </summary>
internal static class GatewayBench
{
    private const string Name = "gateway";
    private const int Keys = 100;
    private const int Connections = 32; // as many as the recipe keeps to the service
    private const int WarmUpSeconds = 40; // each host is asked in two ways, and shares its core with nginx while the compiler is at work

    private const string Nobody = "the file alone";
    private const string Tcp = "TCP";
    private const string Socket = "a Unix socket";

    public static async Task RunAsync(Arguments arguments, Findings findings, CancellationToken cancellationToken)
    {
        var rounds = arguments.Number("--rounds", otherwise: 12, quick: 4);
        var processes = arguments.Number("--processes", otherwise: 3, quick: 1);
        var seconds = arguments.Number("--seconds", otherwise: 1, quick: 1);
        arguments.RefuseOthers();
        var cores = Cores.Find();
        await using var cluster = await BenchCluster.StartAsync(kept: null, cancellationToken);
        findings.Postgres = await cluster.VersionAsync(cancellationToken);
        var connectionString = cluster.ConnectionStringOf("keys");
        await using var database = NpgsqlDataSource.Create(connectionString);
        await BenchCluster.MigrateAsync(database, cancellationToken);
        using var keys = KeysFile.Of(await BenchKeys.AddAsync(database, Keys, cancellationToken));

        var measured = new Rounds(seconds, cores);
        for (var process = 0; process < processes; process++)
        {
            using var folder = new SocketFolder();
            var (bareSocket, serverSocket) = (folder.Of("bare"), folder.Of("server"));
            await using var bare = await StartAsync(HostProgram.Open(), bareSocket);
            await using var server = await StartAsync(HostProgram.QuietServer(connectionString).Behind("127.0.0.1", "unix"), serverSocket);
            await using var nobody = await PutBeforeAsync(NginxProcess.AskingNobody);
            await using var bareByTcp = await PutBeforeAsync(recipe => NginxProcess.Asking(recipe, bare.Address));
            await using var serverByTcp = await PutBeforeAsync(recipe => NginxProcess.Asking(recipe, server.Address));
            await using var bareBySocket = await PutBeforeAsync(recipe => NginxProcess.Asking(recipe, bareSocket));
            await using var serverBySocket = await PutBeforeAsync(recipe => NginxProcess.Asking(recipe, serverSocket));
            await measured.RunAsync(
                [
                    Of(Nobody, bare, nobody), Of(Bare(Tcp), bare, bareByTcp), Of(Server(Tcp), server, serverByTcp),
                    Of(Bare(Socket), bare, bareBySocket), Of(Server(Socket), server, serverBySocket),
                ],
                rounds, WarmUpSeconds, cancellationToken);
        }

        foreach (var way in (string[])[Tcp, Socket])
            Add(findings, measured, way);

        findings.Add(Name, $"requests/s, {Nobody}", "/s", measured.Of(Nobody, s => s.PerSecond));

        Task<BenchHost> StartAsync(HostProgram program, string socket) =>
            BenchHost.StartAsync(program with { Core = cores.Host, Socket = socket }, cancellationToken);

        Task<NginxProcess> PutBeforeAsync(Func<string, string> edit) =>
            NginxProcess.StartAsync(OpenHost.Incidents, edit, cores.Host, cancellationToken);

        Contender Of(string name, BenchHost host, NginxProcess gateway) =>
            new(name, host, OpenHost.Incidents, new WrkLoad(keys, Connections)) { Gateway = gateway };
    }

    private static string Bare(string way) => $"bare over {way}";

    private static string Server(string way) => $"server over {way}";

    private static void Add(Findings findings, Rounds measured, string way)
    {
        var (bare, server) = (Bare(way), Server(way));
        findings.Add(
            Name, $"requests/s over {way}, server ÷ bare", "", measured.Ratio(server, bare, s => s.PerSecond), Goal.AtLeast(0.95));
        findings.Add(Name, $"CPU of an answer to nginx over {way}, server ÷ bare", "", measured.Ratio(server, bare, s => s.CpuMicroseconds));
        findings.Add(Name, $"requests/s over {way}, server ÷ the file alone", "", measured.Ratio(server, Nobody, s => s.PerSecond));
        foreach (var contender in (string[])[bare, server])
        {
            findings.Add(Name, $"requests/s, {contender}", "/s", measured.Of(contender, s => s.PerSecond));
            findings.Add(Name, $"CPU of an answer, {contender}", "µs", measured.Of(contender, s => s.CpuMicroseconds));
            findings.Add(Name, $"CPU of nginx for a request, {contender}", "µs", measured.Of(contender, s => s.GatewayMicroseconds));
            findings.Add(Name, $"the core in use, {contender}", "", measured.Of(contender, s => s.Busy));
        }
    }

    private sealed class SocketFolder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("apikeys-bench-");

        public string Of(string name) => Path.Combine(_folder.FullName, name + ".sock");

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
