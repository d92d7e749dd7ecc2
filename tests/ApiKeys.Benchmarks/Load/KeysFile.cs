using ApiKeys.AspNetCore;

namespace ApiKeys.Benchmarks.Load;

/// <summary>What requests present, in a file for wrk that nobody else may read: rotate.lua says how.</summary>
internal sealed class KeysFile : IDisposable
{
    private KeysFile(IEnumerable<string> lines) => File.WriteAllLines(Path, lines);

    public string Path { get; } = System.IO.Path.GetTempFileName();

    public static KeysFile Of(IEnumerable<ApiKeyValue> keys) => new(keys.Select(key => key.Reveal()));

    /// <summary>As many requests, without a key.</summary>
    public static KeysFile Anonymous(int requests) => new(Enumerable.Repeat("", requests));

    /// <summary>Bodies in turn, all by one caller.</summary>
    public static KeysFile Posting(ApiKeyValue caller, string contentType, IEnumerable<string> bodies) =>
        new(bodies.Select(body => $"{caller.Reveal()}\t{contentType}\t{body}"));

    /// <summary>What wrk makes of each line.</summary>
    public IEnumerable<HttpRequestMessage> Requests(Uri url)
    {
        foreach (var line in File.ReadLines(Path))
        {
            var parts = line.Split('\t');
            var request = new HttpRequestMessage(HttpMethod.Get, url);
            if (parts[0].Length > 0)
                request.Headers.Add(ApiKeyDefaults.HeaderName, parts[0]);

            if (parts is [_, var contentType, var body])
                (request.Method, request.Content) = (HttpMethod.Post, new StringContent(body, encoding: null, contentType));

            yield return request;
        }
    }

    public void Dispose() => File.Delete(Path);
}
