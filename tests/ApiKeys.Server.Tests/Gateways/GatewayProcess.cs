using System.Collections.Concurrent;
using System.Diagnostics;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Gateways;

/// <summary>A gateway that runs its recipe, on a port of the loopback.</summary>
public sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentQueue<string> _output = new();
    private readonly DirectoryInfo _folder;
    private readonly Process _process;

    private GatewayProcess(GatewayProgram program, GatewayAddresses site, Func<string, string> edit)
    {
        Address = new Uri($"http://{site.Gateway}");
        var file = program.Program;
        _folder = TempFolder.Create("apikeys-gateway-");
        var start = new ProcessStartInfo(file, program.Configure(site, _folder, edit))
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            WorkingDirectory = _folder.FullName,
        };
        start.Environment["HOME"] = _folder.FullName;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public Uri Address { get; }

    public string Output => string.Join('\n', _output);

    /// <summary>It answers, whatever it is.</summary>
    internal static async Task<GatewayProcess> StartAsync(GatewayProgram program, GatewayAddresses site, Func<string, string>? edit = null)
    {
        var gateway = new GatewayProcess(program, site with { Gateway = $"127.0.0.1:{FreePort.Next()}" }, edit ?? (recipe => recipe));
        try
        {
            await gateway.AnswersAsync();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();

        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task AnswersAsync()
    {
        var started = Stopwatch.StartNew();
        using var client = new HttpClient();
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(Address);
                return;
            }
            catch (HttpRequestException exception)
            {
                if (_process.HasExited)
                    await _process.WaitForExitAsync(); // and for its last words

                if (_process.HasExited || started.Elapsed > Patience)
                    throw new InvalidOperationException(Output, exception);

                await Task.Delay(10);
            }
        }
    }
}
