using System.Globalization;
using System.Text;

namespace ApiKeys.Server.Console;

/// <summary>
/// Lines of CSV (RFC 4180) that no spreadsheet takes for formulas (OWASP, CSV injection). Every cell is in quotes, so that none begins
/// anew where a program takes semicolons for the commas.
/// </summary>
internal static class Csv
{
    /// <summary>What begins a formula; the last four are of full width, which some programs take for the same.</summary>
    private const string Beginnings = "=+-@\uFF1D\uFF0B\uFF0D\uFF20";

    private const char Mark = '\'';

    public static string Line(params ReadOnlySpan<string?> cells)
    {
        var line = new StringBuilder();
        foreach (var cell in cells)
        {
            if (line.Length > 0)
                line.Append(',');

            line.Append('"').Append(Harmless(cell ?? "").Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        }

        return line.Append("\r\n").ToString();
    }

    /// <summary>The text, with an apostrophe before it where a program might calculate it.</summary>
    public static string Harmless(string text) =>
        text.Length > 0 && (text[0] is '\t' or '\r' or '\n' || Beginnings.Contains(FirstVisible(text), StringComparison.Ordinal))
            ? Mark + text
            : text;

    /// <returns>NUL where there is none.</returns>
    private static char FirstVisible(string text) =>
        text.FirstOrDefault(c => !char.IsWhiteSpace(c) && !char.IsControl(c) && CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.Format);
}
