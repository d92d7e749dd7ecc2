namespace ApiKeys.Server.Tests.Model;

public sealed class Crc32Tests
{
    /// <summary>The check value of CRC-32/ISO-HDLC.</summary>
    [Fact]
    public void The_check_value_is_right() => Assert.Equal(0xCBF43926, Crc32.Of("123456789"u8));

    [Fact]
    public void Every_length_gives_what_the_definition_gives()
    {
        var bytes = new byte[200];
        new Random(1).NextBytes(bytes);
        for (var length = 0; length <= bytes.Length; length++)
            Assert.Equal(ByDefinition(bytes.AsSpan(0, length)), Crc32.Of(bytes.AsSpan(0, length)));
    }

    /// <summary>A bit at a time: RFC 1952 §8.</summary>
    private static uint ByDefinition(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }

        return ~crc;
    }
}
