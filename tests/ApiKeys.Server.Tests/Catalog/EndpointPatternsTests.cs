using ApiKeys.Server.Catalog;

namespace ApiKeys.Server.Tests.Catalog;

public sealed class EndpointPatternsTests
{
    private static readonly EndpointPatterns Patterns = new(
    [
        new("root:read", "Root", ["GET /"]),
        new("incidents:read", "Read", ["GET /api/v1/incidents", "GET /api/v1/incidents/*"]),
        new("incidents:export", "Export", ["GET /api/v1/incidents/export"]),
        new("incidents:write", "Write", ["POST /api/v1/incidents", "GET /api/v1/incidents"]),
        new("notes:read", "Notes", ["GET /api/v1/*/notes"]),
        new("notes:list", "Notes of all", ["GET /api/v1/incidents/*/notes"]),
        new("probe:head", "Probe", ["HEAD /probe"]),
    ]);

    [Theory]
    [InlineData("GET", "/", "root:read")]
    [InlineData("GET", "/api/v1/incidents", "incidents:read incidents:write")]
    [InlineData("POST", "/api/v1/incidents", "incidents:write")]
    [InlineData("DELETE", "/api/v1/incidents", "")]
    [InlineData("get", "/api/v1/incidents", "")]
    [InlineData("HEAD", "/api/v1/incidents/7", "incidents:read")]
    [InlineData("HEAD", "/probe", "probe:head")]
    [InlineData("GET", "/probe", "")]
    [InlineData("GET", "/api/v1/incidents/7", "incidents:read")]
    [InlineData("GET", "/api/v1/incidents/export", "incidents:export")] // the most specific one, and no other
    [InlineData("GET", "/api/v1/incidents/notes", "incidents:read")]
    [InlineData("GET", "/api/v1/incidents/7/notes", "notes:list")]
    [InlineData("GET", "/api/v1/others/notes", "notes:read")]
    [InlineData("GET", "/api/v1/incidents/7/8", "")]
    [InlineData("GET", "/api/v1", "")]
    [InlineData("GET", "/API/v1/incidents", "")]
    [InlineData("GET", "/api/v1/incidents?next=/api/v1/incidents/export", "incidents:read incidents:write")]
    public void The_most_specific_pattern_says_which_scopes_open_it(string method, string target, string scopes) =>
        Assert.Equal(scopes, string.Join(' ', Patterns.Opening(method, target)));

    [Theory]
    [InlineData("/api/v1/%69ncidents", "incidents:read incidents:write")] // a letter is a letter
    [InlineData("/api/v1/incidents/a%2Eb", "incidents:read")]
    [InlineData("/api/v1/incidents/%C3%A4", "incidents:read")]
    [InlineData("/api/v1/incidents/a%20b", "incidents:read")]
    [InlineData("/api/v1/incidents/expor%74", "incidents:export")]
    public void What_is_encoded_without_need_is_read_as_it_is_meant(string target, string scopes) =>
        Assert.Equal(scopes, string.Join(' ', Patterns.Opening("GET", target)));

    [Theory]
    [InlineData("")]
    [InlineData("api/v1/incidents")]
    [InlineData("http://elsewhere/api/v1/incidents")]
    [InlineData("//api/v1/incidents")]
    [InlineData("/api//v1/incidents")]
    [InlineData("/api/v1/incidents/")]
    [InlineData("/api/v1/incidents/.")]
    [InlineData("/api/v1/incidents/..")]
    [InlineData("/api/v1/incidents/7/../export")]
    [InlineData("/api/v1/incidents/%2e%2e")]
    [InlineData("/api/v1/incidents/.%2E")]
    [InlineData("/api/v1/incidents/7%2Fexport")]
    [InlineData("/api/v1/incidents/7%5cexport")]
    [InlineData("/api/v1/incidents/7\\export")]
    [InlineData("/api/v1/incidents/%252e%252e")]
    [InlineData("/api/v1/incidents/%")]
    [InlineData("/api/v1/incidents/%2")]
    [InlineData("/api/v1/incidents/%zz")]
    [InlineData("/api/v1/incidents/%+1")]
    [InlineData("/api/v1/incidents/%00")]
    [InlineData("/api/v1/incidents/%0a")]
    [InlineData("/api/v1/incidents/%7F")]
    [InlineData("/api/v1/incidents/..;/export")]
    [InlineData("/api/v1/incidents/7;x=y")]
    [InlineData("/api/v1/incidents/7%3Bx=y")]
    [InlineData("/api/v1/incidents#x")]
    [InlineData("/api/v1/incidents/7#/../export")]
    [InlineData("/api/v1/incidents/a b")]
    [InlineData("/api/v1/incidents/ä")]
    [InlineData("/api/v1/incidents/\t")]
    public void What_is_read_in_different_ways_is_opened_by_nothing(string target) => Assert.Empty(Patterns.Opening("GET", target));

    [Fact]
    public void A_path_that_is_longer_than_any_is_opened_by_nothing() => Assert.Empty(Patterns.Opening("GET", "/api/v1/incidents/" + new string('a', 8_192)));

    [Theory]
    [InlineData("GET /a/*/b", true)]
    [InlineData("GET /", true)]
    [InlineData("get /a", false)]
    [InlineData("GET a", false)]
    [InlineData("GET  /a", false)]
    [InlineData("/a", false)]
    [InlineData("GET /a?b", false)]
    [InlineData("GET /a/", false)]
    [InlineData("GET /a/../b", false)]
    [InlineData("GET /ä", false)]
    public void A_pattern_is_a_method_and_a_path_that_everybody_reads_alike(string text, bool isPattern) =>
        Assert.Equal(isPattern, EndpointPatterns.IsPattern(text));
}
