using System.Net.Http.Json;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>Requests that take more than one line.</summary>
internal static class Requests
{
    /// <summary>A JSON merge patch.</summary>
    public static async Task<HttpResponseMessage> PatchAsync(this HttpClient client, string path, object patch, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, path)
        {
            Content = patch as HttpContent ?? JsonContent.Create(patch, patch.GetType(), new("application/merge-patch+json")),
        };
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);

        return await client.SendAsync(request);
    }

    public static async Task<HttpResponseMessage> SendWithAsync(
        this HttpClient client, HttpMethod method, string path, string header, string value)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation(header, value);
        return await client.SendAsync(request);
    }
}
