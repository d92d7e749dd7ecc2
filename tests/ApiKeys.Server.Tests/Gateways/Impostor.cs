using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ApiKeys.Server.Tests.Gateways;

/// <summary>Somebody who listens in the place of the service, and answers something else.</summary>
internal sealed class Impostor : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly TcpListener _plain = new(IPAddress.Loopback, 0);
    private readonly TcpListener _secure = new(IPAddress.Loopback, 0);
    private readonly Task _serving;

    public Impostor(X509Certificate2 certificate)
    {
        _plain.Start();
        _secure.Start();
        _serving = Task.WhenAll(ServeAsync(_plain, null), ServeAsync(_secure, certificate));
    }

    /// <summary>Silence comes last, since gateways wait for it to end.</summary>
    public static readonly IReadOnlyList<string> Answers =
    [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\ntrue",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-ApiKeys-Key-Id: k_7Fq2mZ81",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "",
        Silence,
    ];

    /// <summary>To show that it is asked: what the service might have answered, whatever the question.</summary>
    public const string Accepted =
        "HTTP/1.1 200 OK\r\nX-ApiKeys-Key-Id: k_000000000000\r\nX-ApiKeys-Organization: default\r\nX-ApiKeys-Owner: \r\nX-ApiKeys-Scopes: incidents:read\r\n"
        + "Content-Type: application/json\r\nContent-Length: 69\r\n\r\n{\"active\":true,\"client_id\":\"k_000000000000\",\"scope\":\"incidents:read\"}";

    private const string Silence = "silence";

    public string Answer { get; set; } = "";

    public string Address => $"{_plain.LocalEndpoint}";

    public string SecureAddress => $"localhost:{((IPEndPoint)_secure.LocalEndpoint).Port}";

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _serving;
        _plain.Dispose();
        _secure.Dispose();
        _end.Dispose();
    }

    private async Task ServeAsync(TcpListener listener, X509Certificate2? certificate)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(AnswerAsync(await listener.AcceptTcpClientAsync(_end.Token), certificate));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task AnswerAsync(TcpClient client, X509Certificate2? certificate)
    {
        using (client)
        {
            try
            {
                await using Stream stream = client.GetStream();
                await using var secure = certificate is null ? null : new SslStream(stream);
                if (secure is not null)
                    await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, _end.Token);

                await AnswerAsync(secure ?? stream);
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException)
            {
            }
        }
    }

    private async Task AnswerAsync(Stream stream)
    {
        var request = new StringBuilder();
        var buffer = new byte[4096];
        while (!request.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer, _end.Token);
            if (read == 0)
                return;

            request.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }

        if (Answer == Silence)
            await Task.Delay(Timeout.Infinite, _end.Token);

        await stream.WriteAsync(Encoding.Latin1.GetBytes(Answer), _end.Token);
    }
}
