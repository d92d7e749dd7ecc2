using System.Net;
using ApiKeys.AspNetCore;

namespace ApiKeys.Benchmarks.Load;

/// <summary>One of those that are compared: an endpoint of a host, and what is sent to it.</summary>
/// <param name="Name">In what is told of the rounds.</param>
/// <param name="Host">On the host's core.</param>
/// <param name="Path">Of the endpoint.</param>
/// <param name="Load">What is sent.</param>
internal sealed record Contender(string Name, BenchHost Host, string Path, WrkLoad Load)
{
    private Uri Url => new(Host.Address, Path);

    public async Task<LoadSample> MeasureAsync(int seconds, Cores cores, CancellationToken cancellationToken)
    {
        var cpu = Host.CpuTime;
        var result = await Wrk.RunAsync(Url, Load, seconds, cores.Load, cancellationToken);
        cpu = Host.CpuTime - cpu;
        return new LoadSample(
            result.Requests / result.Seconds, cpu.TotalMicroseconds / result.Requests, cpu.TotalSeconds / result.Seconds, result.P50,
            result.P99);
    }

    /// <summary>Each request by itself: wrk counts what is no error, and this knows what is right.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        foreach (var key in await File.ReadAllLinesAsync(Load.Keys.Path, cancellationToken))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Url);
            if (key.Length > 0)
                request.Headers.Add(ApiKeyDefaults.HeaderName, key);

            using var answer = await client.SendAsync(request, cancellationToken);
            if (answer.StatusCode != HttpStatusCode.OK)
                throw new BenchException($"{Name}: {Url} answered {(int)answer.StatusCode}.");
        }
    }
}

/// <param name="PerSecond">Requests.</param>
/// <param name="CpuMicroseconds">Of the host, for one request.</param>
/// <param name="Busy">The part of its core that the host used: near 1, or the load was too light to tell what it can do.</param>
/// <param name="P50">In microseconds.</param>
/// <param name="P99">In microseconds.</param>
internal sealed record LoadSample(double PerSecond, double CpuMicroseconds, double Busy, double P50, double P99);
