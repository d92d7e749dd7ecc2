using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ApiKeys.AspNetCore.Leases;

namespace ApiKeys.AspNetCore.Remote;

/// <summary>The service by HTTP. Its calls throw <see cref="HttpRequestException"/> where it is away, and say so in time.</summary>
internal sealed class ServiceClient : IDisposable
{
    private const int ConnectionsBesideQuestions = 8; // the stream, and what keeps the lease: neither waits for questions
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

    /// <summary>So that a service which has moved is found.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http;

    public ServiceClient(ApiKeyOptions options)
    {
        var handler = options.BackchannelHttpHandler ?? new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // the credential is for this address
            ConnectTimeout = ConnectTimeout,
            MaxConnectionsPerServer = RemoteApiKeyVerifier.MaxAsking + ConnectionsBesideQuestions,
            PooledConnectionLifetime = ConnectionLifetime,
            UseCookies = false,
        };
        _http = new HttpClient(handler, disposeHandler: options.BackchannelHttpHandler is null)
        {
            BaseAddress = new Uri(options.Address!.AbsoluteUri.TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan, // each call has its own
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Credential);
    }

    /// <exception cref="LeaseRefusedException">The service does not know or admit the credential.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest or HttpStatusCode.MethodNotAllowed))
            return response;

        using (response)
            throw new LeaseRefusedException(await ReasonAsync(response, cancellationToken));
    }

    /// <exception cref="LeaseRefusedException">The service does not know or admit the credential.</exception>
    public async Task<HttpResponseMessage> SendAsync<T>(
        HttpMethod method, string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body, type) };
        return await SendAsync(request, cancellationToken);
    }

    /// <returns>What the answer holds; it is disposed of.</returns>
    public static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using (response)
        {
            response.EnsureSuccessStatusCode();
            try
            {
                return await response.Content.ReadFromJsonAsync(type, cancellationToken) ?? throw new JsonException();
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException) // of an encoding that is none
            {
                throw new HttpRequestException("What answers at the address of the service is not the service.", exception);
            }
            catch (IOException exception)
            {
                throw new HttpRequestException("The answer of the service breaks off.", exception);
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<string> ReasonAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var problem = await response.Content.ReadFromJsonAsync(ServiceJson.Default.ServiceProblem, cancellationToken);
            return $"{(int)response.StatusCode} {problem?.Code}: {problem?.Detail}";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or IOException)
        {
            return $"{(int)response.StatusCode}";
        }
    }
}
