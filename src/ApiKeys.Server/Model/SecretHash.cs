using System.Security.Cryptography;
using System.Text;

namespace ApiKeys.Server.Model;

/// <summary>
/// All that is kept of a value: a random salt and <c>SHA-256(salt ‖ value)</c>. One round is enough, since a secret holds
/// 256 random bits: nobody can guess one, however fast the hash.
/// </summary>
internal sealed class SecretHash
{
    public const int SaltLength = 16;
    public const int HashLength = SHA256.HashSizeInBytes;

    private const int MaxValueLength = 100;

    private readonly byte[] _salt;
    private readonly byte[] _hash;

    /// <summary>What was stored.</summary>
    public SecretHash(byte[] salt, byte[] hash)
    {
        if (salt.Length != SaltLength || hash.Length != HashLength)
            throw new ArgumentException($"A salt has {SaltLength} bytes and a hash {HashLength}.", nameof(hash));

        _salt = salt;
        _hash = hash;
    }

    public byte[] Salt => _salt;

    public byte[] Hash => _hash;

    /// <summary>A new salt, and the hash of this value.</summary>
    public static SecretHash Of(ApiKeyValue value)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        var hash = new byte[HashLength];
        Compute(salt, value, hash);
        return new SecretHash(salt, hash);
    }

    /// <summary>In constant time.</summary>
    public bool Matches(ApiKeyValue value)
    {
        Span<byte> hash = stackalloc byte[HashLength];
        Compute(_salt, value, hash);
        return CryptographicOperations.FixedTimeEquals(hash, _hash);
    }

    public override string ToString() => "[redacted]";

    private static void Compute(ReadOnlySpan<byte> salt, ApiKeyValue value, Span<byte> hash)
    {
        Span<byte> buffer = stackalloc byte[SaltLength + MaxValueLength];
        salt.CopyTo(buffer);
        var length = SaltLength + Encoding.ASCII.GetBytes(value.Reveal(), buffer[SaltLength..]);
        SHA256.HashData(buffer[..length], hash);
        CryptographicOperations.ZeroMemory(buffer);
    }
}
