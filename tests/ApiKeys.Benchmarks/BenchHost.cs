using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace ApiKeys.Benchmarks;

/// <summary>A host as a process of its own, as in production, on a port of the loopback that the system chooses.</summary>
internal sealed partial class BenchHost : IAsyncDisposable
{
    private const int LinesKept = 50;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BenchHost(HostProgram program)
    {
        string[] command = ["dotnet", .. program.Arguments, "--urls", "http://127.0.0.1:0"];
        if (program.Core is { } core)
            command = ["taskset", "--cpu-list", $"{core}", .. command];

        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        foreach (var (name, value) in program.Settings)
            start.Environment[name] = value;

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public Uri Address => _listening.Task.Result;

    /// <summary>Of all its threads, the kernel's work for it included.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<BenchHost> StartAsync(HostProgram program, CancellationToken cancellationToken)
    {
        var host = new BenchHost(program);
        try
        {
            await Task.WhenAny(host._listening.Task, host._process.WaitForExitAsync(cancellationToken))
                .WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
            return host._listening.Task.IsCompleted
                ? host
                : throw new BenchException($"The host did not start:\n{string.Join('\n', host._output)}");
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

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task SignalAsync(string signal, CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", ["-s", signal, $"{_process.Id}"]);
        await kill.WaitForExitAsync(cancellationToken);
        if (kill.ExitCode != 0)
            throw new BenchException($"kill -s {signal} did not work.");
    }

    private void Read(string? line)
    {
        if (line is null)
            return;

        _output.Enqueue(line);
        if (_output.Count > LinesKept)
            _output.TryDequeue(out _);

        if (!_listening.Task.IsCompleted && Listening.Match(line) is { Success: true } match)
            _listening.TrySetResult(new Uri(match.Value));
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:[1-9]\d*", RegexOptions.NonBacktracking)]
    private static partial Regex Listening { get; }
}
