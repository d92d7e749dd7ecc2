using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ApiKeys.AspNetCore.Values;

/// <summary>
/// CRC-32 as in zip, Ethernet and RFC 1952 §8: polynomial 0x04C11DB7 reflected, initial value and final XOR all ones. Sixteen
/// bytes a step, each by a table of its own ("slicing by 16"), since every presented value passes here before anything else.
/// </summary>
internal static class Crc32
{
    private const int Slices = 16;
    private static readonly uint[] Tables = MakeTables();

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        ref var table = ref MemoryMarshal.GetArrayDataReference(Tables);
        for (; bytes.Length >= Slices; bytes = bytes[Slices..])
        {
            crc = Four(ref table, 12, BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc)
                ^ Four(ref table, 8, BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]))
                ^ Four(ref table, 4, BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]))
                ^ Four(ref table, 0, BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));
        }

        foreach (var value in bytes)
            crc = Unsafe.Add(ref table, (byte)(crc ^ value)) ^ (crc >> 8);

        return ~crc;
    }

    /// <summary>Of four bytes, after which so many more come in the step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Four(ref uint table, int after, uint bytes) =>
        Unsafe.Add(ref table, ((after + 3) * 256) + (byte)bytes)
        ^ Unsafe.Add(ref table, ((after + 2) * 256) + (byte)(bytes >> 8))
        ^ Unsafe.Add(ref table, ((after + 1) * 256) + (byte)(bytes >> 16))
        ^ Unsafe.Add(ref table, (after * 256) + (byte)(bytes >> 24));

    /// <summary>The first is of a byte; each next one of the same byte with one more zero byte after it.</summary>
    private static uint[] MakeTables()
    {
        var tables = new uint[Slices * 256];
        for (var i = 0u; i < 256; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;

            tables[i] = crc;
        }

        for (var i = 256; i < tables.Length; i++)
            tables[i] = tables[(byte)tables[i - 256]] ^ (tables[i - 256] >> 8);

        return tables;
    }
}
