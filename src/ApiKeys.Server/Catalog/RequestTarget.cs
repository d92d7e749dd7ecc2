using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ApiKeys.Server.Catalog;

/// <summary>
/// The segments of a request's path, as everybody reads them. What servers read in different ways is no path here: a gateway and the API
/// behind it must not understand two things by one text.
/// </summary>
internal static class RequestTarget
{
    private const int MaxLength = 8_192;

    /// <param name="target">As it stands in the request line: a path, and a query perhaps.</param>
    /// <param name="segments">Without percent-encoding where a character needs none (RFC 3986 §6.2.2.2).</param>
    public static bool TryParse(string target, [NotNullWhen(true)] out string[]? segments)
    {
        segments = null;
        var path = target.AsSpan();
        var end = path.IndexOf('?');
        if (end >= 0)
            path = path[..end];

        if (path.Length is 0 or > MaxLength || path[0] != '/')
            return false;

        var parts = path.Length == 1 ? [] : path[1..].ToString().Split('/');
        for (var i = 0; i < parts.Length; i++)
        {
            if (!TryDecode(parts[i], out var segment) || !IsPlain(segment))
                return false;

            parts[i] = segment;
        }

        segments = parts;
        return true;
    }

    /// <summary>What stands for a character that means something in a path, or for the start of another encoding, is ambiguous.</summary>
    private static bool TryDecode(string part, out string segment)
    {
        segment = part;
        if (!part.Contains('%', StringComparison.Ordinal))
            return true;

        var decoded = new System.Text.StringBuilder(part.Length);
        for (var i = 0; i < part.Length; i++)
        {
            if (part[i] != '%')
            {
                decoded.Append(part[i]);
                continue;
            }

            if (i + 2 >= part.Length || !byte.TryParse(part.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
                return false;

            var character = (char)value;
            if (character is '/' or '\\' or '%' or ';' || char.IsControl(character))
                return false;

            if (IsUnreserved(character))
                decoded.Append(character);
            else
                decoded.Append('%').Append(part.AsSpan(i + 1, 2).ToString().ToUpperInvariant());

            i += 2;
        }

        segment = decoded.ToString();
        return true;
    }

    /// <summary>
    /// Some servers drop empty segments, go up by dots, take a backslash for a slash, or cut off what follows a semicolon; and what follows
    /// a '#', which no request line may hold, while others go up from there.
    /// </summary>
    private static bool IsPlain(string segment)
    {
        if (segment.Length == 0 || segment is "." or "..")
            return false;

        foreach (var character in segment)
            if (character is <= ' ' or '\\' or ';' or '#' or '\x7f' or > '\x7f')
                return false;

        return true;
    }

    private static bool IsUnreserved(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_' or '~';
}
