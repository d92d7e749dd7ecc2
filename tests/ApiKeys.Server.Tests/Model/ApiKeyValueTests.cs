using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace ApiKeys.Server.Tests.Model;

public sealed partial class ApiKeyValueTests
{
    /// <summary>Made by another implementation (Python's zlib), the second with the longest prefix, the last with a checksum that is padded.</summary>
    public static TheoryData<string, string, string> Golden => new()
    {
        { "sk_live_k_7Fq2mZ81xY4c_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg1MwEWU", "sk_live_k_7Fq2mZ81xY4c", "k_7Fq2mZ81xY4c" },
        { "acmecorp_live_k_zZ9yY8xX7wW6_9876543210zyxwvutsrqponmlkjihgfedcbaZYXWVUT0xf6tW", "acmecorp_live_k_zZ9yY8xX7wW6", "k_zZ9yY8xX7wW6" },
        { "sk_test_k_000000000000_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz3AZLMo", "sk_test_k_000000000000", "k_000000000000" },
        { "sk_live_k_7Fq2mZ81xY4c_000000000000000000000000000000000000000000r00vnez", "sk_live_k_7Fq2mZ81xY4c", "k_7Fq2mZ81xY4c" },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void A_golden_value_is_read(string text, string keyPrefix, string keyId)
    {
        Assert.True(ApiKeyValue.TryParse(text, out var value));
        Assert.Equal(keyPrefix, value.KeyPrefix);
        Assert.Equal(keyId, value.KeyId);
        Assert.Equal(text, value.Reveal());
        Assert.Equal(keyPrefix + "_[redacted]", value.ToString());
        Assert.DoesNotContain(text[(keyPrefix.Length + 1)..], $"{value}", StringComparison.Ordinal);
    }

    [Fact]
    public void The_checksum_is_the_CRC_of_zip() => Assert.Equal(0xCBF43926, Crc32.Of("123456789"u8));

    [Fact]
    public void A_generated_value_has_72_characters_and_the_form_that_secret_scanners_look_for()
    {
        var value = ApiKeyValue.Generate("sk", KeyEnvironment.Live, "k_7Fq2mZ81xY4c").Reveal();

        Assert.Equal(72, value.Length);
        Assert.Matches(ScannerRule, value);
    }

    [Fact]
    public void What_is_generated_is_read_back_and_never_longer_than_100_characters() =>
        Prop.ForAll(Generated.ToArbitrary(), value =>
            ApiKeyValue.TryParse(value.Reveal(), out var read)
            && read.Reveal() == value.Reveal()
            && read.KeyId == value.KeyId
            && value.Reveal().Length <= 100).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_change_of_one_character_is_refused_by_the_checksum_or_by_the_hash()
    {
        const string others = Base62.Alphabet + "_-.+/= ~\0\t\u00e9\u4e16";
        var value = ApiKeyValue.Generate("sk", KeyEnvironment.Live, KeyIds.Generate());
        var hash = SecretHash.Of(value);
        var text = value.Reveal();

        for (var i = 0; i < text.Length; i++)
        {
            foreach (var other in others.Where(other => other != text[i]))
            {
                var changed = string.Concat(text.AsSpan(0, i), [other], text.AsSpan(i + 1));
                Assert.False(ApiKeyValue.TryParse(changed, out var read) && hash.Matches(Encoding.ASCII.GetBytes(read.Reveal())), $"position {i}, '{other}'");
            }
        }
    }

    [Fact]
    public void Every_change_of_length_is_refused() =>
        Prop.ForAll(Generated.ToArbitrary(), value =>
            Enumerable.Range(0, value.Reveal().Length).All(length => !ApiKeyValue.TryParse(value.Reveal()[..length], out _))
            && !ApiKeyValue.TryParse(value.Reveal() + "0", out _)
            && !ApiKeyValue.TryParse(" " + value.Reveal(), out _)).QuickCheckThrowOnFailure();

    [Fact]
    public void No_text_makes_reading_throw_and_what_is_changed_is_refused() =>
        Prop.ForAll(Changed.ToArbitrary(), text => !ApiKeyValue.TryParse(text, out _)).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sk_live_")]
    [InlineData("sk_prod_k_7Fq2mZ81xY4c_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg1MwEWU")]
    [InlineData("SK_live_k_7Fq2mZ81xY4c_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg1MwEWU")]
    [InlineData("sk_live_k_7Fq2mZ81xY4c_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg1MwEWV")]
    public void What_is_no_value_is_refused(string? text) => Assert.False(ApiKeyValue.TryParse(text, out _));

    [Theory]
    [InlineData("sk", true)]
    [InlineData("acmecorp", true)]
    [InlineData("s", false)]
    [InlineData("acmecorps", false)]
    [InlineData("Sk", false)]
    [InlineData("s1", false)]
    [InlineData("s_k", false)]
    [InlineData("", false)]
    public void A_prefix_has_2_to_8_lowercase_letters(string prefix, bool isPrefix)
    {
        Assert.Equal(isPrefix, ApiKeyValue.IsPrefix(prefix));
        if (isPrefix)
            Assert.StartsWith(prefix + "_test_", ApiKeyValue.Generate(prefix, KeyEnvironment.Test, KeyIds.Generate()).Reveal(), StringComparison.Ordinal);
        else
            Assert.Throws<ArgumentException>(() => ApiKeyValue.Generate(prefix, KeyEnvironment.Test, KeyIds.Generate()));
    }

    [Fact]
    public void No_two_values_are_alike()
    {
        var values = Enumerable.Range(0, 1000).Select(_ => ApiKeyValue.Generate("sk", KeyEnvironment.Live, KeyIds.Generate())).ToList();

        Assert.Equal(values.Count, values.Select(value => value.KeyId).Distinct().Count());
        Assert.Equal(values.Count, values.Select(value => value.Reveal()[^49..^6]).Distinct().Count());
    }

    private static Gen<ApiKeyValue> Generated =>
        from length in Gen.Choose(ApiKeyValue.MinPrefixLength, ApiKeyValue.MaxPrefixLength)
        from prefix in Gen.ArrayOf(Gen.Elements("abcdefghijklmnopqrstuvwxyz".ToCharArray()), length)
        from environment in Gen.Elements(KeyEnvironment.Live, KeyEnvironment.Test)
        from seed in ArbMap.Default.GeneratorFor<int>()
        select ApiKeyValue.Generate(new string(prefix), environment, KeyIds.Generate());

    /// <summary>Values in which some characters became any others.</summary>
    private static Gen<string> Changed =>
        from value in Generated
        from changes in Gen.NonEmptyListOf(
            from at in Gen.Choose(0, value.Reveal().Length - 1)
            from character in ArbMap.Default.GeneratorFor<char>()
            select (at, character))
        let text = changes.Aggregate(value.Reveal(), (text, change) => $"{text[..change.at]}{change.character}{text[(change.at + 1)..]}")
        where text != value.Reveal()
        select text;

    [GeneratedRegex("^sk_(live|test)_k_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex ScannerRule { get; }
}
