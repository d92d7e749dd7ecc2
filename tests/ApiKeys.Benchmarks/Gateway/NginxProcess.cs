using System.Diagnostics;
using ApiKeys.Server.Tests.Gateways;

namespace ApiKeys.Benchmarks.Gateway;

/// <summary>
/// nginx with the recipe of docs/gateways, in a folder of its own; but what it protects is a file of its own, which costs less than any
/// API would.
/// </summary>
internal sealed class NginxProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly Recipe Recipe = new("nginx.md");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("apikeys-bench-");
    private readonly BenchProcess _process;

    private NginxProcess(string path, Func<string, string> edit, int core)
    {
        var file = new FileInfo(_folder.FullName + path);
        file.Directory!.Create();
        File.WriteAllText(file.FullName, "protected\n");
        var recipe = edit(Recipe.Block("nginx"))
            .With("127.0.0.1:8080", Address.Authority)
            .With("proxy_pass http://$apikeys_api;", $"root {_folder.FullName};");
        _process = new BenchProcess([NginxFiles.Programs.FirstOrDefault(File.Exists) ?? "nginx", .. NginxFiles.Write(_folder, recipe)], core);
    }

    public Uri Address { get; } = new($"http://127.0.0.1:{FreePort.Next()}");

    /// <inheritdoc cref="BenchProcess.CpuTime"/>
    public TimeSpan CpuTime => _process.CpuTime;

    /// <summary>Asks by TCP.</summary>
    public static string Asking(string recipe, Uri host) => recipe.With("127.0.0.1:5080", host.Authority);

    /// <summary>Asks by a Unix socket, as the page has it.</summary>
    public static string Asking(string recipe, string socket) => recipe.With(
        "    server 127.0.0.1:5080;\n", Recipe.Block("nginx", 1).With("/run/apikeys/apikeys.sock", socket));

    /// <summary>Lets everybody have the file.</summary>
    public static string AskingNobody(string recipe) => recipe.With("    auth_request     /_apikeys;\n", "");

    /// <param name="path">Of the file.</param>
    /// <param name="edit">Whom it asks.</param>
    /// <param name="core">The only one that it may use.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<NginxProcess> StartAsync(string path, Func<string, string> edit, int core, CancellationToken cancellationToken)
    {
        var nginx = new NginxProcess(path, edit, core);
        try
        {
            await nginx.ListensAsync(cancellationToken);
            return nginx;
        }
        catch
        {
            await nginx.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task ListensAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.StartNew();
        using var client = new HttpClient();
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(Address, cancellationToken);
                return;
            }
            catch (HttpRequestException) when (!_process.HasExited && started.Elapsed < Patience)
            {
                await Task.Delay(10, cancellationToken);
            }
            catch (HttpRequestException)
            {
                throw new BenchException($"nginx did not start:\n{_process.Output}");
            }
        }
    }
}
