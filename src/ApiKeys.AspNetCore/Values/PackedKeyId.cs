using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace ApiKeys.AspNetCore.Values;

/// <summary>A key id as 12 bytes, those of its random characters in ASCII: what a key is looked up by, without a string.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PackedKeyId(ulong First, uint Last)
{
    /// <param name="keyId">A key id in ASCII.</param>
    public static PackedKeyId Of(ReadOnlySpan<byte> keyId)
    {
        var random = keyId[^KeyIds.RandomLength..];
        return new PackedKeyId(BinaryPrimitives.ReadUInt64LittleEndian(random), BinaryPrimitives.ReadUInt32LittleEndian(random[8..]));
    }

    /// <param name="keyId">A key id.</param>
    public static PackedKeyId Of(string keyId) =>
        TryOf(keyId, out var id) ? id : throw new ArgumentException("Not a key id.", nameof(keyId));

    public static bool TryOf(string text, out PackedKeyId id)
    {
        Span<byte> ascii = stackalloc byte[KeyIds.Length];
        var isKeyId = Encoding.ASCII.TryGetBytes(text, ascii, out var length) && KeyIds.IsKeyId(ascii[..length]);
        id = isKeyId ? Of(ascii) : default;
        return isKeyId;
    }

    /// <summary>Its characters are random already: mixing them is enough.</summary>
    public override int GetHashCode() => (int)((First * 0x9E3779B97F4A7C15 >> 32) ^ (Last * 0x85EBCA6B));

    /// <summary>The key id itself.</summary>
    public override string ToString() => string.Create(KeyIds.Length, this, static (text, id) =>
    {
        Span<byte> ascii = stackalloc byte[KeyIds.Length];
        "k_"u8.CopyTo(ascii);
        BinaryPrimitives.WriteUInt64LittleEndian(ascii[2..], id.First);
        BinaryPrimitives.WriteUInt32LittleEndian(ascii[10..], id.Last);
        Encoding.ASCII.GetChars(ascii, text);
    });
}
