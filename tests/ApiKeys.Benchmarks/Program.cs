using System.Runtime.InteropServices;
using ApiKeys.Benchmarks;
using ApiKeys.Benchmarks.List;

// Every bench there is: its name on the command line, what it measures, and how it is run.
(string Name, string Measures, Func<string[], CancellationToken, Task> Run)[] benches =
[
    ("list", "the list of keys with 1,000, 100,000 and 1,000,000 keys, over HTTP", ListBench.RunAsync),
];

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

var asked = benches.Where(bench => args.Length == 0 || args[0] == bench.Name).ToList();
if (asked.Count == 0)
{
    Console.Error.WriteLine("usage: scripts/bench [NAME [options]]");
    foreach (var bench in benches)
        Console.Error.WriteLine($"  {bench.Name,-8} {bench.Measures}");

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
