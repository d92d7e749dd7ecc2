using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Net.Http.Headers;

namespace ApiKeys.Server.Http;

/// <summary>
/// A body that <see cref="BodiesFirst"/> has read, and an answer that is written in one piece: for the endpoints that others ask in each of
/// their own requests. The framework's way from JSON to an argument, and from a result to JSON, takes longer than a verification.
/// </summary>
internal static class BufferedBody
{
    public const string Json = "application/json";
    public const string Form = "application/x-www-form-urlencoded";

    private const int UsualLength = 512;
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JsonSetup.Options.Encoder, SkipValidation = true };

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Routing lets a body pass of which nobody says what it is, and is not strict with what follows the type.</summary>
    public static bool IsJson(HttpRequest request) => request.ContentType == Json || request.HasJsonContentType();

    /// <inheritdoc cref="IsJson"/>
    public static bool IsForm(HttpRequest request) => request.ContentType == Form
        || (MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals(Form, StringComparison.OrdinalIgnoreCase));

    /// <exception cref="BadHttpRequestException">It is not that; what it says of a body makes it <c>malformed_json</c>.</exception>
    public static T ReadJson<T>(HttpRequest request, JsonTypeInfo<T> type)
        where T : class
    {
        if (!request.BodyReader.TryRead(out var read))
            throw new BadHttpRequestException("There is no body.");

        try
        {
            var json = read.Buffer.IsSingleSegment ? read.Buffer.FirstSpan : read.Buffer.ToArray();
            return JsonSerializer.Deserialize(json.StartsWith(ByteOrderMark) ? json[ByteOrderMark.Length..] : json, type)
                ?? throw new BadHttpRequestException("The body is null.");
        }
        catch (JsonException exception)
        {
            throw new BadHttpRequestException("The body is not as it must be.", exception);
        }
        finally
        {
            request.BodyReader.AdvanceTo(read.Buffer.End);
        }
    }

    /// <returns>Empty where there is none.</returns>
    public static string ReadText(HttpRequest request)
    {
        if (!request.BodyReader.TryRead(out var read))
            return "";

        var text = Encoding.UTF8.GetString(read.Buffer);
        request.BodyReader.AdvanceTo(read.Buffer.End);
        return text;
    }

    public static Task WriteJsonAsync(HttpResponse response, IWrittenByHand answer)
    {
        var buffer = new ArrayBufferWriter<byte>(UsualLength);
        using (var json = new Utf8JsonWriter(buffer, WriterOptions))
            answer.WriteTo(json);

        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = buffer.WrittenCount;
        var written = response.BodyWriter.WriteAsync(buffer.WrittenMemory, CancellationToken.None); // the request's token would have to be made
        if (!written.IsCompletedSuccessfully)
            return written.AsTask();

        written.GetAwaiter().GetResult();
        return Task.CompletedTask;
    }

    /// <summary>An answer that writes itself as the serializer would, in a third of the time.</summary>
    internal interface IWrittenByHand
    {
        void WriteTo(Utf8JsonWriter json);
    }
}
