using System.Net;
using System.Net.Sockets;
using ApiKeys.AspNetCore;

namespace ApiKeys.Server.Tests.Gateways;

/// <summary>A client, a gateway, this service and an API, as they stand in a data centre.</summary>
public abstract class GatewaySite(GatewayProgram program) : IAsyncLifetime
{
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public GatewayProgram Program => program;

    public GatewayServer Server { get; } = new();

    public Upstream Upstream { get; private set; } = null!;

    public GatewayProcess Gateway { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Server.InitializeAsync();
        Upstream = await Upstream.StartAsync();
        Gateway = await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await (Gateway?.DisposeAsync() ?? ValueTask.CompletedTask); // it may not be installed
        await (Upstream?.DisposeAsync() ?? ValueTask.CompletedTask);
        await Server.DisposeAsync();
    }

    /// <summary>Another one, of a recipe that was edited, or that asks somebody else.</summary>
    internal Task<GatewayProcess> StartAsync(Func<string, string>? edit = null, Func<GatewayAddresses, GatewayAddresses>? elsewhere = null)
    {
        var addresses = Server.Addresses with { Upstream = Upstream.Address };
        return GatewayProcess.StartAsync(program, elsewhere?.Invoke(addresses) ?? addresses, edit);
    }

    /// <summary>What an integration does.</summary>
    /// <param name="key">Null sends none.</param>
    /// <param name="path">Sent as it is written.</param>
    /// <param name="headers">Further ones.</param>
    internal Task<Call> CallAsync(string? key, string path = "/api/v1/incidents", params (string Name, string Value)[] headers) =>
        SendAsync(Request(HttpMethod.Get, key, path, headers));

    internal static HttpRequestMessage Request(HttpMethod method, string? key, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        if (key is not null)
            request.Headers.Add(ApiKeyDefaults.HeaderName, key);

        foreach (var (name, values) in headers.GroupBy(header => header.Name, header => header.Value).Select(group => (group.Key, group)))
            request.Headers.TryAddWithoutValidation(name, values);

        return request;
    }

    /// <param name="request">Its address is the path alone.</param>
    /// <param name="gateway">Another one than this site's.</param>
    /// <param name="from">An address of the loopback.</param>
    internal async Task<Call> SendAsync(HttpRequestMessage request, GatewayProcess? gateway = null, string from = "127.0.0.1")
    {
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, IPAddress.Parse(from), cancellationToken),
        };
        using var client = new HttpClient(handler);
        return await SendAsync(client, request, gateway);
    }

    internal async Task<Call> SendAsync(HttpClient client, HttpRequestMessage request, GatewayProcess? gateway = null)
    {
        using (request)
        {
            gateway ??= Gateway;
            request.RequestUri = new Uri($"{gateway.Address.GetLeftPart(UriPartial.Authority)}{request.RequestUri!.OriginalString}", AsWritten);
            Upstream.TakeArrived();
            try
            {
                var answer = await client.SendAsync(request);
                return new Call(answer, Upstream.TakeArrived());
            }
            catch (HttpRequestException exception)
            {
                throw new InvalidOperationException(gateway.Output, exception);
            }
        }
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint to, IPAddress from, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(to.Host, to.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

public sealed class GatewaySite<TProgram>() : GatewaySite(new TProgram())
    where TProgram : GatewayProgram, new();

/// <param name="Answer">What the client got.</param>
/// <param name="Arrived">What the API got, and how often.</param>
internal sealed record Call(HttpResponseMessage Answer, IReadOnlyList<Arrived> Arrived)
{
    public int Status => (int)Answer.StatusCode;

    /// <summary>The API got it, once, and its answer came back.</summary>
    public Arrived ShouldArrive()
    {
        Assert.Equal(200, Status);
        return Assert.Single(Arrived);
    }

    public void ShouldBeRefused(params int[] statuses)
    {
        Assert.Empty(Arrived);
        Assert.Contains(Status, statuses);
    }
}
