using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace ApiKeys.AspNetCore.Values;

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
    /// <summary>As a regular expression for others, whatever the prefix.</summary>
    public const string Pattern = "^[a-z]{2,8}_(live|test)_k_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$";

    public const string DefaultPrefix = "sk";
    public const int SecretLength = 43;
    public const int ChecksumLength = 6;
    public const int MinPrefixLength = 2;
    public const int MaxPrefixLength = 8;

    private const int EnvironmentLength = 4;
    private const int LengthAfterPrefix = 1 + EnvironmentLength + 1 + KeyIds.Length + 1 + SecretLength + ChecksumLength;

    public const int MaxLength = MaxPrefixLength + LengthAfterPrefix;

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
        Span<byte> ascii = stackalloc byte[MaxLength];
        value = PresentedValue.TryRead(text, ascii, out _) ? new ApiKeyValue(text!, text!.Length - LengthAfterPrefix) : null;
        return value is not null;
    }

    /// <summary>The same of ASCII, without an allocation.</summary>
    /// <param name="text">At most <see cref="MaxLength"/> bytes.</param>
    /// <param name="keyId">Where it has the format.</param>
    [SkipLocalsInit]
    public static bool IsWellFormed(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> keyId)
    {
        keyId = default;
        var prefixLength = text.Length - LengthAfterPrefix;
        if (prefixLength is < MinPrefixLength or > MaxPrefixLength)
            return false;

        var rest = text[prefixLength..];
        var environment = rest.Slice(1, EnvironmentLength);
        var checksum = text[^ChecksumLength..];
        if (text[..prefixLength].ContainsAnyExceptInRange((byte)'a', (byte)'z')
            || rest[0] != '_' || rest[1 + EnvironmentLength] != '_' || rest[1 + EnvironmentLength + 1 + KeyIds.Length] != '_'
            || !(environment.SequenceEqual("live"u8) || environment.SequenceEqual("test"u8))
            || !KeyIds.IsKeyId(rest.Slice(1 + EnvironmentLength + 1, KeyIds.Length))
            || !Base62.Contains(rest[^(SecretLength + ChecksumLength)..]))
        {
            return false;
        }

        Span<byte> expected = stackalloc byte[ChecksumLength];
        Base62.Write(Crc32.Of(text[..^ChecksumLength]), expected);
        if (!expected.SequenceEqual(checksum))
            return false;

        keyId = rest.Slice(1 + EnvironmentLength + 1, KeyIds.Length);
        return true;
    }

    public static bool IsPrefix(ReadOnlySpan<char> text) =>
        text.Length is >= MinPrefixLength and <= MaxPrefixLength && !text.ContainsAnyExceptInRange('a', 'z');

    private static string WithChecksum(string body)
    {
        Span<byte> checksum = stackalloc byte[ChecksumLength];
        Base62.Write(Crc32.Of(Encoding.ASCII.GetBytes(body)), checksum);
        return body + Encoding.ASCII.GetString(checksum);
    }
}
