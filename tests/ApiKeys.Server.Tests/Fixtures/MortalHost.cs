using System.Diagnostics;
using ApiKeys.AspNetCore;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>A host that is killed and started again, on another port, while its clients go on asking.</summary>
internal sealed class MortalHost : IAsyncDisposable
{
    private readonly Dictionary<string, string?> _settings;
    private readonly Stopwatch _lived = Stopwatch.StartNew();
    private readonly HttpClient _anybody = new();
    private volatile Life _life;
    private int _answered;
    private int _cutOff;
    private int _refused;
    private int _replays;

    private MortalHost(Dictionary<string, string?> settings, string operatorKey, HostProcess first, HttpClient client) =>
        (_settings, OperatorKey, _life) = (settings, operatorKey, new Life(first, client));

    public string OperatorKey { get; }

    public int Kills { get; private set; }

    /// <summary>Requests that were answered.</summary>
    public int Answers => Volatile.Read(ref _answered);

    /// <summary>Requests that were sent and never answered.</summary>
    public int CutOff => _cutOff;

    /// <summary>Answers that were given before, to nobody who lived to read them.</summary>
    public int Replays => _replays;

    /// <param name="database">Empty; the first start makes the operator's key.</param>
    public static async Task<MortalHost> StartAsync(string database)
    {
        var settings = new Dictionary<string, string?>
        {
            ["ConnectionStrings:ApiKeys"] = database,
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Lookup:LeaseSeconds"] = "1", // how long its successor's changes wait for the dead
            ["DOTNET_TieredPGO"] = "0", // it starts a little faster, and never lives long enough to profit
        };
        var host = await HostProcess.StartAsync(settings);
        var line = await host.LineAsync(HostProcess.FirstKey);
        var operatorKey = HostProcess.FirstKey.Match(line).Groups["value"].Value;
        return new MortalHost(settings, operatorKey, host, await host.CreateClientAsync(operatorKey));
    }

    /// <summary>The same request, to whatever host there is, until it is answered.</summary>
    public async Task<WholeAnswer> PostAsync(string path, string header, string? body, CancellationToken cancellationToken)
    {
        while (true)
        {
            var life = _life;
            try
            {
                var answer = await life.Client.PostOnceAsync(path, header, body).WaitAsync(cancellationToken);
                Interlocked.Increment(ref _answered);
                if (answer.IsReplay)
                    Interlocked.Increment(ref _replays);

                return answer;
            }
            catch (HttpRequestException exception)
            {
                Interlocked.Increment(ref exception.HttpRequestError == HttpRequestError.ConnectionError ? ref _refused : ref _cutOff);
                await life.Next.Task.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Any key is told who it is.</summary>
    public async Task ShouldAcceptAsync(string apiKey, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_life.Client.BaseAddress!, "/api/v1/me"));
        request.Headers.Add(ApiKeyDefaults.HeaderName, apiKey);
        using var response = await _anybody.SendAsync(request, cancellationToken);
        await response.ReadJsonAsync(200);
    }

    /// <summary>And starts it again.</summary>
    public async Task KillAsync()
    {
        var ended = _life;
        await ended.Host.KillAsync();
        Kills++;
        var host = await HostProcess.StartAsync(_settings);
        _life = new Life(host, await host.CreateClientAsync(OperatorKey));
        ended.Next.SetResult();
        await ended.Host.DisposeAsync();
        ended.Client.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _life.Host.DisposeAsync();
        _life.Client.Dispose();
        _anybody.Dispose();
    }

    public override string ToString() =>
        $"{Kills} kills, {_answered} answers, {_cutOff} requests cut off, {_refused} not connected, {_replays} replays, {_lived.Elapsed.TotalSeconds:0.0} s";

    /// <summary>From one start to the next.</summary>
    private sealed record Life(HostProcess Host, HttpClient Client)
    {
        public TaskCompletionSource Next { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
