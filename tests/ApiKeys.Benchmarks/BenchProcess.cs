using System.Collections.Concurrent;
using System.Diagnostics;

namespace ApiKeys.Benchmarks;

/// <summary>Something that a bench starts as a process of its own, and stops when it is done.</summary>
internal sealed class BenchProcess : IAsyncDisposable
{
    private const int LinesKept = 50;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Action<string>? _read;

    /// <param name="command">The program and its arguments.</param>
    /// <param name="core">The only one that it may use; null for all.</param>
    /// <param name="settings">Environment variables.</param>
    /// <param name="read">Given each line that it says.</param>
    public BenchProcess(
        string[] command, int? core, IEnumerable<KeyValuePair<string, string>>? settings = null, Action<string>? read = null)
    {
        _read = read;
        if (core is not null)
            command = ["taskset", "--cpu-list", $"{core}", .. command];

        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in settings ?? [])
            start.Environment[name] = value;

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Its last lines.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Of all its threads, the kernel's work for it included.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>And until all is read that it has said.</summary>
    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

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

        _read?.Invoke(line);
    }
}
