using System.Diagnostics.CodeAnalysis;

namespace ApiKeys.Server.Model;

/// <summary>
/// The whole string that an integration presents. It has the checksum, so it was issued by somebody who knows the format;
/// whether it is <em>accepted</em> only its hash can tell. It prints redacted.
/// </summary>
/// <remarks>
/// <code>
/// sk_live_k_7Fq2mZ81xY4c_VkR3…43 characters…hT9wAb12Cd
/// ── ──── ────────────── ─────────────────────┬──────┬
/// │  │    │              │                    │      └ checksum: CRC-32 of all that stands before it, 6 base62 digits,
/// │  │    │              │                    │        left-padded with 0
/// │  │    │              └ secret: 43 base62 characters, 256.03 bits from the operating system's generator
/// │  │    └ key id: k_ and 12 base62 characters, random, unique, the same for the life of the key
/// │  └ environment: live or test
/// └ prefix: 2 to 8 lowercase letters, sk unless configured
/// </code>
/// 72 characters with the prefix <c>sk</c>, 78 with the longest.
/// For secret scanners: <c>sk_(live|test)_k_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}</c>.
/// </remarks>
internal sealed class ApiKeyValue
{
    public const string DefaultPrefix = "sk";
    public const int SecretLength = 43;
    public const int ChecksumLength = 6;
    public const int MinPrefixLength = 2;
    public const int MaxPrefixLength = 8;

    private const int EnvironmentLength = 4;
    private const int LengthAfterPrefix = 1 + EnvironmentLength + 1 + KeyIds.Length + 1 + SecretLength + ChecksumLength;

    private readonly string _text;
    private readonly int _prefixLength;

    private ApiKeyValue(string text, int prefixLength)
    {
        _text = text;
        _prefixLength = prefixLength;
    }

    public string KeyId => _text.Substring(_prefixLength + 1 + EnvironmentLength + 1, KeyIds.Length);

    /// <summary>The part that is safe to show and to log, <c>sk_live_k_7Fq2mZ81xY4c</c>.</summary>
    public string KeyPrefix => _text[..^(1 + SecretLength + ChecksumLength)];

    /// <summary>The whole value: for the one answer that carries it, and for hashing. Never for a log.</summary>
    public string Reveal() => _text;

    public override string ToString() => KeyPrefix + "_[redacted]";

    /// <summary>A new value with a new secret. The prefix is 2 to 8 lowercase letters.</summary>
    public static ApiKeyValue Generate(string prefix, KeyEnvironment environment, string keyId)
    {
        var body = $"{PrefixOf(prefix, environment, keyId)}_{Base62.Random(SecretLength)}";
        return TryParse(WithChecksum(body), out var value)
            ? value
            : throw new ArgumentException($"'{prefix}' and '{keyId}' do not make a key prefix.", nameof(prefix));
    }

    public static string PrefixOf(string prefix, KeyEnvironment environment, string keyId) =>
        $"{prefix}_{environment.Name()}_{keyId}";

    /// <summary>Whether a text has the format, the checksum included. No input makes it throw, and none makes it slow.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ApiKeyValue? value)
    {
        value = null;
        if (text is null)
            return false;

        var prefixLength = text.Length - LengthAfterPrefix;
        if (prefixLength is < MinPrefixLength or > MaxPrefixLength)
            return false;

        var rest = text.AsSpan(prefixLength);
        var environment = rest.Slice(1, EnvironmentLength);
        var keyId = rest.Slice(1 + EnvironmentLength + 1, KeyIds.Length);
        var secretAndChecksum = rest[^(SecretLength + ChecksumLength)..];

        if (!IsPrefix(text.AsSpan(0, prefixLength))
            || rest[0] != '_' || rest[1 + EnvironmentLength] != '_' || rest[^(SecretLength + ChecksumLength + 1)] != '_'
            || environment is not ("live" or "test")
            || !KeyIds.IsKeyId(keyId)
            || !Base62.Contains(secretAndChecksum))
        {
            return false;
        }

        Span<char> checksum = stackalloc char[ChecksumLength];
        Base62.Write(Crc32.OfAscii(text.AsSpan(0, text.Length - ChecksumLength)), checksum);
        if (!checksum.SequenceEqual(secretAndChecksum[SecretLength..]))
            return false;

        value = new ApiKeyValue(text, prefixLength);
        return true;
    }

    public static bool IsPrefix(ReadOnlySpan<char> text) =>
        text.Length is >= MinPrefixLength and <= MaxPrefixLength && !text.ContainsAnyExceptInRange('a', 'z');

    private static string WithChecksum(string body)
    {
        Span<char> checksum = stackalloc char[ChecksumLength];
        Base62.Write(Crc32.OfAscii(body), checksum);
        return string.Concat(body, checksum);
    }
}
