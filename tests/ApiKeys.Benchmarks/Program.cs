using System.Runtime.InteropServices;
using ApiKeys.Benchmarks;
using ApiKeys.Benchmarks.Endpoints;
using ApiKeys.Benchmarks.Gateway;
using ApiKeys.Benchmarks.Hosts;
using ApiKeys.Benchmarks.Http;
using ApiKeys.Benchmarks.Limits;
using ApiKeys.Benchmarks.List;
using ApiKeys.Benchmarks.Memory;
using ApiKeys.Benchmarks.Package;
using ApiKeys.Benchmarks.Revoke;
using ApiKeys.Benchmarks.Size;
using ApiKeys.Benchmarks.Statements;
using ApiKeys.Benchmarks.Verify;

// Every bench there is: its name on the command line, what it measures, and how it is run.
(string Name, string Measures, Func<string[], CancellationToken, Task> Run)[] benches =
[
    ("verification", "all below but the list, and a report of them", (given, token) => Verification.RunAllAsync(given, token)),
    ("verify", "a verification in process, in hashes", (given, token) => Verification.RunAsync(VerifyBench.RunAsync, given, token)),
    ("memory", "the bytes of a remembered key", (given, token) => Verification.RunAsync(MemoryBench.RunAsync, given, token)),
    ("http", "requests with a key against anonymous ones", (given, token) => Verification.RunAsync(HttpBench.RunAsync, given, token)),
    ("statements", "what a million requests ask of the database", (given, token) => Verification.RunAsync(StatementsBench.RunAsync, given, token)),
    ("limits", "what rate limits and usage cost, and how exact they are", (given, token) => Verification.RunAsync(LimitsBench.RunAsync, given, token)),
    ("revoke", "how soon a revoke is over on three nodes", (given, token) => Verification.RunAsync(RevokeBench.RunAsync, given, token)),
    ("size", "requests with 1,000 and with 1,000,000 keys", (given, token) => Verification.RunAsync(SizeBench.RunAsync, given, token)),
    ("package", "requests with a key in an API of somebody else's, and a revoke that waits for it", (given, token) => Verification.RunAsync(PackageBench.RunAsync, given, token)),
    ("gateway", "nginx that asks the server, against one that asks a bare endpoint", (given, token) => Verification.RunAsync(GatewayBench.RunAsync, given, token)),
    ("endpoints", "verify and introspect against bare endpoints", (given, token) => Verification.RunAsync(EndpointsBench.RunAsync, given, token)),
    ("list", "the list of keys with 1,000, 100,000 and 1,000,000 keys, over HTTP", ListBench.RunAsync),
];

// What benches start as processes of their own.
switch (args.FirstOrDefault())
{
    case OpenHost.Verb:
        await OpenHost.RunAsync(args[1..]);
        return 0;
    case PackageHost.Verb:
        await PackageHost.RunAsync(args[1..]);
        return 0;
    case KeysHost.Verb:
        await KeysHost.RunAsync(args[1..], isBare: false);
        return 0;
    case KeysHost.BareVerb:
        await KeysHost.RunAsync(args[1..], isBare: true);
        return 0;
}

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

string[] everything = [benches[0].Name, benches[^1].Name];
var asked = benches.Where(bench => args.Length == 0 ? everything.Contains(bench.Name) : args[0] == bench.Name).ToList();
if (asked.Count == 0)
{
    Console.Error.WriteLine("usage: scripts/bench [NAME [options]]");
    foreach (var bench in benches)
        Console.Error.WriteLine($"  {bench.Name,-14}{bench.Measures}");

    return 2;
}

try
{
    foreach (var bench in asked)
        await bench.Run([.. args.Skip(1)], stop.Token);

    return 0;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine(stop.IsCancellationRequested ? "Stopped." : "Stopped: it took too long.");
    return 130;
}
catch (Exception wrong) // caught, so that what was started is put away
{
    Console.Error.WriteLine(wrong is BenchException ? wrong.Message : wrong);
    return 1;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true; // what was started is put away first
    stop.Cancel();
}
