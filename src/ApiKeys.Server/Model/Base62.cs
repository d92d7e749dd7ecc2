using System.Security.Cryptography;

namespace ApiKeys.Server.Model;

/// <summary>The alphabet of key ids, secrets and checksums: <c>0-9A-Za-z</c>, in this order.</summary>
internal static class Base62
{
    public const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>Independent, uniform characters from the operating system's generator: log2(62) = 5.954 bits each.</summary>
    public static string Random(int length) => RandomNumberGenerator.GetString(Alphabet, length);

    public static bool Contains(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
            if (!char.IsAsciiLetterOrDigit(character))
                return false;

        return true;
    }

    /// <summary>Writes a number in base 62, most significant digit first, padded on the left with <c>0</c>.</summary>
    public static void Write(uint number, Span<char> destination)
    {
        for (var i = destination.Length - 1; i >= 0; i--)
        {
            (number, var digit) = Math.DivRem(number, 62u);
            destination[i] = Alphabet[(int)digit];
        }
    }
}
