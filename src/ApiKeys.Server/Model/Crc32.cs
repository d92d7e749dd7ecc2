namespace ApiKeys.Server.Model;

/// <summary>CRC-32 as in zip, Ethernet and RFC 1952 §8: polynomial 0x04C11DB7 reflected, initial value and final XOR all ones.</summary>
internal static class Crc32
{
    private static readonly uint[] Table = MakeTable();

    /// <summary>Of ASCII text, one byte a character.</summary>
    public static uint OfAscii(ReadOnlySpan<char> text)
    {
        var crc = uint.MaxValue;
        foreach (var character in text)
            crc = Table[(byte)(crc ^ character)] ^ (crc >> 8);

        return ~crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < table.Length; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;

            table[i] = crc;
        }

        return table;
    }
}
