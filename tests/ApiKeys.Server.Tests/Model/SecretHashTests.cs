using System.Text;

namespace ApiKeys.Server.Tests.Model;

public sealed class SecretHashTests
{
    private static readonly byte[] Salt = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];

    /// <summary>SHA-256(salt ‖ value), made by another implementation (Python's hashlib).</summary>
    [Theory]
    [InlineData("sk_live_k_7Fq2mZ81xY4c_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg1MwEWU", "6423b815e8cf0ba7ce7b8a15450a240e6d5dd38a1a3b97ee47eeb1789ed6b99c")]
    [InlineData("acmecorp_live_k_zZ9yY8xX7wW6_9876543210zyxwvutsrqponmlkjihgfedcbaZYXWVUT0xf6tW", "d70e149eb7c60e96a98770ce46e5fdd1f35e650712240cba9f04a405e0bce1b2")]
    public void A_golden_hash_matches_its_value_and_no_other(string text, string hash)
    {
        Assert.True(ApiKeyValue.TryParse(text, out var value));
        var stored = new SecretHash(Salt, Convert.FromHexString(hash));

        Assert.True(stored.Matches(Ascii(value)));
        Assert.False(stored.Matches(Ascii(ApiKeyValue.Generate("sk", KeyEnvironment.Live, value.KeyId))));
    }

    [Fact]
    public void The_same_value_is_stored_under_another_salt_each_time()
    {
        var value = ApiKeyValue.Generate("sk", KeyEnvironment.Live, KeyIds.Generate());
        SecretHash one = SecretHash.Of(value), other = SecretHash.Of(value);

        Assert.NotEqual(one.Salt, other.Salt);
        Assert.NotEqual(one.Hash, other.Hash);
        Assert.True(one.Matches(Ascii(value)) && other.Matches(Ascii(value)));
    }

    [Fact]
    public void A_hash_that_differs_in_any_bit_does_not_match()
    {
        var value = ApiKeyValue.Generate("sk", KeyEnvironment.Live, KeyIds.Generate());
        var right = SecretHash.Of(value);
        for (var bit = 0; bit < SecretHash.HashLength * 8; bit++)
        {
            var hash = right.Hash.ToArray();
            hash[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(new SecretHash(right.Salt, hash).Matches(Ascii(value)));
        }
    }

    [Theory]
    [InlineData(0, 32)]
    [InlineData(16, 0)]
    [InlineData(16, 31)]
    public void What_is_no_hash_is_not_taken_for_one(int saltLength, int hashLength) =>
        Assert.Throws<ArgumentException>(() => new SecretHash(new byte[saltLength], new byte[hashLength]));

    [Fact]
    public void It_prints_redacted() => Assert.Equal("[redacted]", $"{new SecretHash(Salt, new byte[32])}");

    private static byte[] Ascii(ApiKeyValue value) => Encoding.ASCII.GetBytes(value.Reveal());
}
