using System.Buffers;
using System.Text;
using System.Text.Json;
using ApiKeys.Server.Http;
using ApiKeys.Server.Verification;

namespace ApiKeys.Server.Tests.Verification;

/// <summary>Answers that write themselves are what the serializer would have written, to the letter: which is what the document says of them.</summary>
public sealed class WrittenByHandTests
{
    private static readonly VerifyKey.Response Full = new()
    {
        Valid = true,
        Code = "valid",
        Detail = "\"Zürich\" \u2028 <é> 🔑",
        KeyId = "k_7Fq2mZ81xY4c",
        Name = "+'&/\\\t",
        Organization = "default",
        Owner = "admin@example.com",
        Scopes = ["incidents:read", "search:read"],
        Environment = KeyEnvironment.Test,
        ExpiresAt = new DateTimeOffset(2030, 1, 1, 10, 30, 0, 250, TimeSpan.FromHours(2)).AddTicks(9_999),
        Metadata = new Dictionary<string, string> { ["team"] = "soc", ["ключ"] = "\u0001" },
        RateLimit = new VerifyKey.LimitLeft(100, 50, 30),
    };

    private static readonly IntrospectToken.Response Active = new()
    {
        Active = true,
        Scope = "incidents:read",
        ClientId = "k_7Fq2mZ81xY4c",
        Username = "\"é\"@example.com",
        TokenType = "Bearer",
        Exp = 1_798_675_200,
        Sub = "k_7Fq2mZ81xY4c",
        Organization = "default",
    };

    private static readonly VerifyKey.Response Least = new() { Valid = false, Code = "invalid_key", Detail = null, KeyId = null };

    [Fact]
    public void A_verification_is()
    {
        Assert.Contains("\"expires_at\":\"2030-01-01T08:30:00.25Z\"", ShouldBeTheSame(Full), StringComparison.Ordinal);
        ShouldBeTheSame(Least);
        ShouldBeTheSame(Full with { Scopes = [], Metadata = new Dictionary<string, string>(), Environment = KeyEnvironment.Live });
        ShouldBeTheSame(Full with { ExpiresAt = DateTimeOffset.MaxValue });
        ShouldBeTheSame(Full with { ExpiresAt = new DateTimeOffset(2027, 3, 27, 0, 0, 0, TimeSpan.Zero) });
    }

    [Fact]
    public void An_introspection_is()
    {
        ShouldBeTheSame(Active);
        ShouldBeTheSame(Active with { Exp = null, Username = null });
        ShouldBeTheSame(IntrospectToken.Response.Inactive);
    }

    /// <summary>Lest one that is added be forgotten.</summary>
    [Fact]
    public void No_member_is_left_out_here()
    {
        Assert.All(typeof(VerifyKey.Response).GetProperties(), property => Assert.NotNull(property.GetValue(Full)));
        Assert.All(typeof(IntrospectToken.Response).GetProperties(), property => Assert.NotNull(property.GetValue(Active)));
    }

    private static string ShouldBeTheSame<T>(T answer)
        where T : BufferedBody.IWrittenByHand
    {
        var written = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(written, new JsonWriterOptions { Encoder = JsonSetup.Options.Encoder }))
            answer.WriteTo(json);

        var text = Encoding.UTF8.GetString(written.WrittenSpan);
        Assert.Equal(JsonSerializer.Serialize(answer, JsonSetup.Options), text);
        return text;
    }
}
