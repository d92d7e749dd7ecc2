using System.Buffers;
using System.Security.Cryptography;

namespace ApiKeys.AspNetCore.Values;

/// <summary>The alphabet of key ids, secrets and checksums: <c>0-9A-Za-z</c>, in this order.</summary>
internal static class Base62
{
    public const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> Characters = SearchValues.Create(Alphabet);
    private static readonly SearchValues<byte> Bytes = SearchValues.Create([.. Alphabet.Select(character => (byte)character)]);

    /// <summary>Independent, uniform characters from the operating system's generator: log2(62) = 5.954 bits each.</summary>
    public static string Random(int length) => RandomNumberGenerator.GetString(Alphabet, length);

    public static bool Contains(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Characters);

    /// <summary>The same of ASCII.</summary>
    public static bool Contains(ReadOnlySpan<byte> text) => !text.ContainsAnyExcept(Bytes);

    /// <summary>Writes a number in base 62, most significant digit first, padded on the left with <c>0</c>.</summary>
    public static void Write(uint number, Span<byte> destination)
    {
        for (var i = destination.Length - 1; i >= 0; i--)
        {
            (number, var digit) = Math.DivRem(number, 62u);
            destination[i] = (byte)Alphabet[(int)digit];
        }
    }
}
