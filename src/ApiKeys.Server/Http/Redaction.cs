using System.Text.RegularExpressions;

namespace ApiKeys.Server.Http;

/// <summary>Cuts what looks like a value, or was one before it was cut or mistyped, down to its key prefix.</summary>
internal static partial class Redaction
{
    public static string Of(string text) => Value.Replace(text, "${prefix}_[redacted]");

    [GeneratedRegex("(?<prefix>[a-z]{2,8}_(live|test)_k_[0-9A-Za-z]{12})_[0-9A-Za-z]+", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Value { get; }
}
