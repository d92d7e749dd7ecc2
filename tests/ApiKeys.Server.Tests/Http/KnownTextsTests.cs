using System.Text.RegularExpressions;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Tests.Http;

/// <summary>The regular expressions of the OpenAPI document: clients and tools go by them, so what is right must match.</summary>
public sealed class KnownTextsTests
{
    [Fact]
    public void What_is_made_matches()
    {
        var keyId = KeyIds.Generate();

        Assert.Matches(KeyIds.Pattern, keyId);
        Assert.Matches(ApiKeyValue.Pattern, ApiKeyValue.Generate("longests", KeyEnvironment.Test, keyId).Reveal());
        Assert.Matches(PageCursor.Pattern, new PageCursor(DateTimeOffset.UnixEpoch, Guid.CreateVersion7(DateTimeOffset.UnixEpoch)).ToString());
        Assert.All(BuiltIn.Scopes, scope => Assert.Matches(CatalogConfiguration.ScopePattern, scope.Name));
        Assert.All(BuiltIn.Roles, role => Assert.Matches(CatalogConfiguration.NamePattern, role.Name));
        Assert.All(BuiltIn.Plans, plan => Assert.Matches(CatalogConfiguration.NamePattern, plan.Name));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("acme-2")]
    [InlineData("-acme")]
    [InlineData("a--b")]
    [InlineData("Acme")]
    [InlineData("acme_2")]
    public void A_slug_is_what_its_pattern_says(string text) =>
        Assert.Equal(Organization.IsSlug(text), Matches(text, Organization.SlugPattern));

    [Fact]
    public void No_character_that_is_taken_is_one_that_its_pattern_refuses() => Assert.All(
        Enumerable.Range(0, char.MaxValue).Select(code => $"{(char)code}"),
        text =>
        {
            Assert.True(Matches(text, TextRules.PlainPattern) || !TextRules.IsPlain(text));
            Assert.True(Matches($"a{text}@b{text}", TextRules.EmailPattern) || !TextRules.IsEmail($"a{text}@b{text}"));
        });

    [Theory]
    [InlineData("2001:db8::/32")]
    [InlineData("1111:2222:3333:4444:5555:6666:255.255.255.255/128")]
    public void The_longest_network_is_not_too_long(string text)
    {
        Assert.True(Networks.TryNormalize(text, out _));
        Assert.Matches(Networks.Pattern, text);
        Assert.True(text.Length <= Networks.MaxTextLength);
    }

    private static bool Matches(string text, string pattern) => Regex.IsMatch(text, pattern, RegexOptions.NonBacktracking);
}
