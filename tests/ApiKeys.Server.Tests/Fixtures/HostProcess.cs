using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using ApiKeys.AspNetCore;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>The host as a process of its own, as a user starts it, on a port that the system chooses.</summary>
internal sealed partial class HostProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(IReadOnlyDictionary<string, string?> settings, string[] arguments, string program, string? user)
    {
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        foreach (var (name, value) in settings)
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;

        if (user is not null && OperatingSystem.IsLinux())
        {
            start.UserName = user;
            start.Environment["HOME"] = "/tmp";
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output => string.Join('\n', _output);

    /// <summary>Serving; the settings are configuration, such as <c>EmbeddedPostgres:DataDirectory</c>.</summary>
    public static async Task<HostProcess> StartAsync(
        IReadOnlyDictionary<string, string?> settings, string? program = null, string? user = null)
    {
        var host = new HostProcess(settings, ["--urls", "http://127.0.0.1:0"], program ?? Program, user);
        try
        {
            await Task.WhenAny(host._listening.Task, host._process.WaitForExitAsync()).WaitAsync(Patience);
            Assert.True(host._listening.Task.IsCompleted, host.Output);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>To its end, as with a command.</summary>
    public static Task<(int ExitCode, string Output)> RunAsync(IReadOnlyDictionary<string, string?> settings, params string[] arguments) =>
        RunAsync(Program, settings, arguments);

    /// <summary>The same of another program.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string program, IReadOnlyDictionary<string, string?> settings, params string[] arguments)
    {
        await using var host = new HostProcess(settings, arguments, program, user: null);
        await host._process.WaitForExitAsync().WaitAsync(Patience);
        return (host._process.ExitCode, host.Output);
    }

    public async Task<HttpResponseMessage> GetAsync(string path, string? apiKey = null)
    {
        using var client = await CreateClientAsync(apiKey);
        return await client.GetAsync(path);
    }

    public async Task<HttpClient> CreateClientAsync(string? apiKey = null)
    {
        var client = new HttpClient { BaseAddress = await _listening.Task };
        if (apiKey is not null)
            client.DefaultRequestHeaders.Add(ApiKeyDefaults.HeaderName, apiKey);

        return client;
    }

    /// <summary>Where it listens by TLS, such as localhost:5081, if its settings say so.</summary>
    public async Task<string> SecureAddressAsync() =>
        SecureListening.Match(await LineAsync(SecureListening)).Value.Replace("https://127.0.0.1", "localhost", StringComparison.Ordinal);

    /// <summary>A line of the output that holds this, awaited.</summary>
    public async Task<string> LineAsync(Regex pattern)
    {
        var started = Stopwatch.StartNew();
        while (true)
        {
            if (_output.FirstOrDefault(pattern.IsMatch) is { } line)
                return line;

            Assert.True(started.Elapsed < Patience && !_process.HasExited, Output);
            await Task.Delay(10);
        }
    }

    /// <summary>SIGKILL: it can do nothing any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as a service manager sends it.</summary>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>SIGSTOP: it stands still, as a virtual machine that is moved does, and learns nothing of it.</summary>
    public Task SuspendAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT: it goes on where it stood.</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();

        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public static string Program => Path.Combine(AppContext.BaseDirectory, "ApiKeys.Server.dll");

    private void Read(string? line)
    {
        if (line is null)
            return;

        _output.Enqueue(line);
        if (Listening.Match(line) is { Success: true } match)
            _listening.TrySetResult(new Uri(match.Value));
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:[1-9]\d*", RegexOptions.NonBacktracking)]
    private static partial Regex Listening { get; }

    [GeneratedRegex(@"https://127\.0\.0\.1:[1-9]\d*", RegexOptions.NonBacktracking)]
    private static partial Regex SecureListening { get; }

    [GeneratedRegex("^ +(?<value>sk_live_k_[0-9A-Za-z]{12}_[0-9A-Za-z]{49})$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    public static partial Regex FirstKey { get; }
}
