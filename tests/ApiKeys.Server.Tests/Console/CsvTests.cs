using ApiKeys.Server.Console;

namespace ApiKeys.Server.Tests.Console;

public sealed class CsvTests
{
    [Theory]
    [InlineData("=1+1")]
    [InlineData("+49 30 1234")]
    [InlineData("-1")]
    [InlineData("@SUM(A1)")]
    [InlineData("\tx")]
    [InlineData("\rx")]
    [InlineData("\nx")]
    [InlineData("  =1+1")]
    [InlineData(" \t@SUM(A1)")]
    [InlineData("\u00A0=1+1")]
    [InlineData("\u200B=1+1")]
    [InlineData("\uFEFF=1+1")]
    [InlineData("\u0000=1+1")]
    [InlineData("\uFF1D1+1")]
    [InlineData("\uFF0B1")]
    [InlineData("\uFF0D1")]
    [InlineData("\uFF20SUM(A1)")]
    [InlineData("=cmd|' /C calc'!A0")]
    public void What_a_spreadsheet_would_calculate_gets_an_apostrophe(string text) => Assert.Equal("'" + text, Csv.Harmless(text));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("admin@example.com")]
    [InlineData("a=1")]
    [InlineData("'=1+1")]
    [InlineData("2026-11-20T00:00:00Z")]
    [InlineData("{\"name\":{\"from\":null,\"to\":\"=1+1\"}}")]
    public void Everything_else_stays_as_it_is(string text) => Assert.Equal(text, Csv.Harmless(text));

    [Theory]
    [InlineData("a,b", "\"a,b\"\r\n")]
    [InlineData("a;=1+1", "\"a;=1+1\"\r\n")]
    [InlineData("a\"b", "\"a\"\"b\"\r\n")]
    [InlineData("a\r\nb", "\"a\r\nb\"\r\n")]
    [InlineData("=\"x\"", "\"'=\"\"x\"\"\"\r\n")]
    [InlineData(null, "\"\"\r\n")]
    public void A_cell_is_in_quotes_and_a_line_ends_as_RFC_4180_has_it(string? cell, string line) => Assert.Equal(line, Csv.Line(cell));

    [Fact]
    public void Cells_are_parted_by_commas() => Assert.Equal("\"a\",\"\",\"b\"\r\n", Csv.Line("a", null, "b"));
}
