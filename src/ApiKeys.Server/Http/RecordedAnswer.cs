using System.Security.Cryptography;
using System.Text.Json;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Http;

/// <summary>An answer to the last byte, to be given again; kept encrypted.</summary>
internal sealed record RecordedAnswer(int Status, string? ContentType, string? Location, string? ETag, byte[] Body) : IResult, IStatusCodeHttpResult
{
    /// <summary>As Stripe names it.</summary>
    public const string ReplayedHeaderName = "Idempotent-Replayed";

    private const int NonceLength = 12;
    private const int TagLength = 16;

    public int? StatusCode => Status;

    /// <summary>Writes the result to nobody, and looks at what was written.</summary>
    public static async Task<RecordedAnswer> RecordAsync(IResult result, HttpContext context)
    {
        using var body = new MemoryStream();
        var nobody = new DefaultHttpContext { RequestServices = context.RequestServices, Response = { Body = body } };
        await result.ExecuteAsync(nobody);
        return new RecordedAnswer(
            nobody.Response.StatusCode, nobody.Response.ContentType, nobody.Response.Headers.Location, context.Response.Headers.ETag, body.ToArray());
    }

    /// <param name="key">32 bytes, used for this answer alone.</param>
    /// <param name="id">The row that it belongs to, and to no other.</param>
    public byte[] Seal(byte[] key, byte[] id)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Default);
        var output = new byte[NonceLength + plain.Length + TagLength];
        var nonce = output.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, plain, output.AsSpan(NonceLength, plain.Length), output.AsSpan(NonceLength + plain.Length), id);
        return output;
    }

    public static RecordedAnswer Open(IdempotentAnswer answer, byte[] key)
    {
        var input = answer.Sealed;
        var plain = new byte[input.Length - NonceLength - TagLength];
        using var aes = new AesGcm(key, TagLength);
        aes.Decrypt(input.AsSpan(0, NonceLength), input.AsSpan(NonceLength, plain.Length), input.AsSpan(NonceLength + plain.Length), plain, answer.Id);
        return JsonSerializer.Deserialize<RecordedAnswer>(plain, JsonSerializerOptions.Default)!;
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
        WriteHeaders(response);
        return response.Body.WriteAsync(Body, httpContext.RequestAborted).AsTask();
    }

    public void WriteHeaders(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers.Location = Location;
        response.Headers.ETag = ETag;
        response.Headers[ReplayedHeaderName] = "true";
    }

    /// <summary>Without the value that it may hold.</summary>
    public override string ToString() => $"{Status} [redacted]";
}
