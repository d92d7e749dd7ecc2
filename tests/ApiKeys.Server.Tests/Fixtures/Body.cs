using System.Net.Http.Headers;
using System.Text;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>Request bodies to the letter.</summary>
internal static class Body
{
    public static HttpContent Json(string text) => Bytes(Encoding.UTF8.GetBytes(text));

    public static HttpContent Bytes(byte[] bytes, string mediaType = "application/json") =>
        new ByteArrayContent(bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse(mediaType) } };
}
