using System.Net;
using ApiKeys.Benchmarks.Gateway;

namespace ApiKeys.Benchmarks.Load;

/// <summary>One of those that are compared: an endpoint of a host, and what is sent to it.</summary>
/// <param name="Name">In what is told of the rounds.</param>
/// <param name="Host">On the host's core.</param>
/// <param name="Path">Of the endpoint.</param>
/// <param name="Load">What is sent.</param>
internal sealed record Contender(string Name, BenchHost Host, string Path, WrkLoad Load)
{
    /// <summary>What requests are sent to in the host's place, on the same core; null where the host itself gets them.</summary>
    public NginxProcess? Gateway { get; init; }

    private Uri Url => new(Gateway?.Address ?? Host.Address, Path);

    private (TimeSpan Host, TimeSpan Gateway) CpuTime => (Host.CpuTime, Gateway?.CpuTime ?? TimeSpan.Zero);

    public async Task<LoadSample> MeasureAsync(int seconds, Cores cores, CancellationToken cancellationToken)
    {
        var before = CpuTime;
        var result = await Wrk.RunAsync(Url, Load, seconds, cores.Load, cancellationToken);
        var after = CpuTime;
        var (host, gateway) = (after.Host - before.Host, after.Gateway - before.Gateway);
        return new LoadSample(
            result.Requests / result.Seconds, host.TotalMicroseconds / result.Requests, (host + gateway).TotalSeconds / result.Seconds,
            result.P50, result.P99)
        {
            GatewayMicroseconds = gateway.TotalMicroseconds / result.Requests,
        };
    }

    /// <summary>Each request by itself: wrk counts what is no error, and this knows what is right.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        foreach (var request in Load.Keys.Requests(Url))
        {
            using (request)
            {
                using var answer = await client.SendAsync(request, cancellationToken);
                if (answer.StatusCode != HttpStatusCode.OK)
                    throw new BenchException($"{Name}: {Url} answered {(int)answer.StatusCode}.");
            }
        }
    }
}

/// <param name="PerSecond">Requests.</param>
/// <param name="CpuMicroseconds">Of the host, for one request.</param>
/// <param name="Busy">The part of its core that the host used, its gateway included: near 1, or the load was too light to tell what it can do.</param>
/// <param name="P50">In microseconds.</param>
/// <param name="P99">In microseconds.</param>
internal sealed record LoadSample(double PerSecond, double CpuMicroseconds, double Busy, double P50, double P99)
{
    /// <summary>CPU of the gateway, for one request; 0 where there is none.</summary>
    public double GatewayMicroseconds { get; init; }
}
