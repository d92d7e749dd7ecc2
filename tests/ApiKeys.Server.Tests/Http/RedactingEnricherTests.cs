using ApiKeys.Server.Http;
using Serilog.Events;
using Serilog.Parsing;

namespace ApiKeys.Server.Tests.Http;

public sealed class RedactingEnricherTests
{
    /// <summary>Of ten characters, too, which is as long as what stands in their place.</summary>
    [Theory]
    [InlineData("9")]
    [InlineData("0123456789")]
    [InlineData("0123456789012345678901234567890123456789012345678")]
    public void No_secret_stays_in_a_property_however_long_it_is(string secret)
    {
        var logged = new LogEvent(
            DateTimeOffset.UnixEpoch, LogEventLevel.Information, exception: null, new MessageTemplate([new TextToken("A request")]),
            [new LogEventProperty("Path", new ScalarValue($"/keys/sk_live_k_7Fq2mZ81xY4c_{secret}"))]);

        new RedactingEnricher().Enrich(logged, propertyFactory: null!);

        Assert.Equal("/keys/sk_live_k_7Fq2mZ81xY4c_[redacted]", ((ScalarValue)logged.Properties["Path"]).Value);
    }
}
