using System.Diagnostics;
using System.Text.RegularExpressions;

namespace ApiKeys.Benchmarks;

/// <summary>A host as a process of its own, as in production, on a port of the loopback that the system chooses.</summary>
internal sealed partial class BenchHost : IAsyncDisposable
{
    private readonly BenchProcess _process;
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BenchHost(HostProgram program)
    {
        var urls = "http://127.0.0.1:0" + (program.Socket is { } socket ? $";http://unix:{socket}" : "");
        _process = new BenchProcess(
            ["dotnet", .. program.Arguments, "--urls", urls], program.Core,
            [KeyValuePair.Create("ASPNETCORE_ENVIRONMENT", "Production"), .. program.Settings], Read);
    }

    public Uri Address => _listening.Task.Result;

    /// <inheritdoc cref="BenchProcess.CpuTime"/>
    public TimeSpan CpuTime => _process.CpuTime;

    public static async Task<BenchHost> StartAsync(HostProgram program, CancellationToken cancellationToken)
    {
        var host = new BenchHost(program);
        try
        {
            await Task.WhenAny(host._listening.Task, host._process.WaitForExitAsync(cancellationToken))
                .WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
            return host._listening.Task.IsCompleted ? host : throw new BenchException($"The host did not start:\n{host._process.Output}");
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGSTOP: it stands still, and whoever waits for it waits.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => SignalAsync("STOP", cancellationToken);

    /// <summary>SIGCONT: it goes on, and does not know that time has passed.</summary>
    public Task ContinueAsync(CancellationToken cancellationToken) => SignalAsync("CONT", cancellationToken);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private async Task SignalAsync(string signal, CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", ["-s", signal, $"{_process.Id}"]);
        await kill.WaitForExitAsync(cancellationToken);
        if (kill.ExitCode != 0)
            throw new BenchException($"kill -s {signal} did not work.");
    }

    private void Read(string line)
    {
        if (!_listening.Task.IsCompleted && Listening.Match(line) is { Success: true } match)
            _listening.TrySetResult(new Uri(match.Value));
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:[1-9]\d*", RegexOptions.NonBacktracking)]
    private static partial Regex Listening { get; }
}
