using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ApiKeys.Server.Http;

/// <summary>How JSON is read and written: snake_case, strict, times in UTC ending in Z.</summary>
internal static class JsonSetup
{
    private static readonly JsonNamingPolicy Names = JsonNamingPolicy.SnakeCaseLower;

    /// <summary>The same for what is stored as JSON.</summary>
    public static readonly JsonSerializerOptions Options = Configured(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Configured(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = Names;
        options.PropertyNameCaseInsensitive = false;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.MaxDepth = 16;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping; // it is JSON, and never becomes part of a page
        options.Converters.Add(new ExactEnums());
        options.Converters.Add(new InstantConverter());
        return options;
    }

    /// <summary>How one type is read and written.</summary>
    public static JsonTypeInfo<T> TypeOf<T>()
    {
        Options.MakeReadOnly(populateMissingResolver: true);
        return (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));
    }

    /// <summary>A member that is an instant, or null.</summary>
    public static void WriteInstant(Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset? value)
    {
        if (value is { } instant)
            writer.WriteString(name, ToMilliseconds(instant));
        else
            writer.WriteNull(name);
    }

    /// <summary>A property's name as JSON has it.</summary>
    public static string NameOf(string property) => Names.ConvertName(property);

    private static DateTime ToMilliseconds(DateTimeOffset value) => value.UtcDateTime.AddTicks(-(value.UtcTicks % TimeSpan.TicksPerMillisecond));

    /// <summary>To the letter: the framework's own converter takes any case, and several values with commas.</summary>
    private sealed class ExactEnums : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(ExactEnum<>).MakeGenericType(typeToConvert))!;
    }

    private sealed class ExactEnum<T> : JsonConverter<T>
        where T : struct, Enum
    {
        private static readonly Dictionary<string, T> Values = Enum.GetValues<T>().ToDictionary(value => NameOf(value.ToString()));
        private static readonly Dictionary<T, JsonEncodedText> Texts = Values.ToDictionary(value => value.Value, value => JsonEncodedText.Encode(value.Key));

        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Values.TryGetValue(reader.GetString()!, out var value) ? value : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Texts[value]);
    }

    /// <summary>RFC 3339 in UTC: <c>2027-11-20T00:00:00Z</c>, with milliseconds where there are any.</summary>
    private sealed class InstantConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(ToMilliseconds(value));
    }
}
