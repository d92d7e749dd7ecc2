using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace ApiKeys.Benchmarks;

/// <summary>The host as a process of its own, as in production, on a port of the loopback that the system chooses.</summary>
internal sealed partial class BenchHost : IAsyncDisposable
{
    private const int LinesKept = 50;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BenchHost(string connectionString)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ApiKeys.Server.dll"), "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.Environment["ConnectionStrings__ApiKeys"] = connectionString;
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["SampleApi__Enabled"] = "true"; // its catalog has the scopes that the keys hold

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public Uri Address => _listening.Task.Result;

    public static async Task<BenchHost> StartAsync(string connectionString, CancellationToken cancellationToken)
    {
        var host = new BenchHost(connectionString);
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

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
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
