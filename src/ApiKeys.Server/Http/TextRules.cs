using System.Globalization;
using System.Text;
using ApiKeys.Server.Model;
using FluentValidation;

namespace ApiKeys.Server.Http;

/// <summary>What every text from outside has to be.</summary>
internal static class TextRules
{
    /// <summary>What a regular expression that everybody's tools understand can say of <see cref="IsPlain"/>: no control characters.</summary>
    public const string PlainPattern = @"^[^\x00-\x1F\x7F-\x9F]*$";

    /// <summary>The same of <see cref="IsEmail"/>.</summary>
    public const string EmailPattern = @"^[^@\s]+@[^@\s]+$";

    /// <summary>This many characters (Unicode code points, as the database counts) once trimmed, and none that hides or harms.</summary>
    public static IRuleBuilderOptions<T, string?> TrimmedText<T>(this IRuleBuilder<T, string?> rule, int min, int max) =>
        rule.PlainText()
            .Must(text => text is null || Length(text.Trim()) >= min && Length(text.Trim()) <= max)
            .WithMessage($"must have {min} to {max} characters, spaces at the ends not counted.")
            .Must(text => min == 0 || text is null || text.EnumerateRunes().Any(IsVisible))
            .WithMessage("must have a character that can be seen.");

    /// <summary>
    /// No control characters (NUL, line ends and the like) and none that turns the direction of writing, with which one name
    /// can be made to look like another.
    /// </summary>
    public static IRuleBuilderOptions<T, string?> PlainText<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(text => text is null || IsPlain(text)).WithMessage("must not contain control characters.")
            .Must(text => text is null || !HoldsValue(text)).WithMessage("must not contain an API key; what stands before its last '_' is enough.");

    /// <summary>One @ with something on either side; whether anybody reads there is not ours to find out.</summary>
    public static IRuleBuilderOptions<T, string?> Email<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(text => text is null || IsEmail(text)).WithMessage("is not an email address of 3 to 254 characters.");

    public static bool IsEmail(string? text) =>
        text is { Length: >= 3 and <= Member.MaxEmailLength }
        && text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < text.Length - 1 && at == text.LastIndexOf('@')
        && !text.EnumerateRunes().Any(rune => Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format) && IsPlain(text) && !HoldsValue(text);

    public static bool IsPlain(string text) => !text.EnumerateRunes().Any(IsHarmful);

    /// <summary>Whether somebody pasted a key where it would be kept and shown.</summary>
    public static bool HoldsValue(string text) => Redaction.Of(text) != text;

    private static int Length(string text) => text.EnumerateRunes().Count();

    private static bool IsVisible(Rune rune) => !Rune.IsWhiteSpace(rune) && Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format;

    private static bool IsHarmful(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || rune.Value is >= 0x202A and <= 0x202E or >= 0x2066 and <= 0x2069
        || rune == Rune.ReplacementChar; // a lone surrogate, or what was one
}
