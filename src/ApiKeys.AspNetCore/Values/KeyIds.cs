namespace ApiKeys.AspNetCore.Values;

/// <summary>The public name of a key: <c>k_</c> and 12 random base62 characters, 71 bits.</summary>
internal static class KeyIds
{
    /// <summary>As a regular expression for others.</summary>
    public const string Pattern = "^k_[0-9A-Za-z]{12}$";

    private const string Start = "k_";
    public const int RandomLength = 12;
    public const int Length = 14;

    public static string Generate() => Start + Base62.Random(RandomLength);

    public static bool IsKeyId(ReadOnlySpan<char> text) =>
        text.Length == Length && text.StartsWith(Start, StringComparison.Ordinal) && Base62.Contains(text[Start.Length..]);

    /// <summary>The same of ASCII.</summary>
    public static bool IsKeyId(ReadOnlySpan<byte> text) =>
        text.Length == Length && text.StartsWith("k_"u8) && Base62.Contains(text[Start.Length..]);
}
