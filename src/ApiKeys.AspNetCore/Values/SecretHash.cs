using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace ApiKeys.AspNetCore.Values;

/// <summary>
/// All that is kept of a value: a random salt and <c>SHA-256(salt ‖ value)</c>. One round is enough, since a secret holds
/// 256 random bits: nobody can guess one, however fast the hash.
/// </summary>
internal sealed class SecretHash
{
    public const int SaltLength = 16;
    public const int HashLength = SHA256.HashSizeInBytes;

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
    public static SecretHash Of(ApiKeyValue value) => Of(Encoding.ASCII.GetBytes(value.Reveal()));

    /// <summary>The same of ASCII.</summary>
    public static SecretHash Of(ReadOnlySpan<byte> ascii)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        var hash = new byte[HashLength];
        Compute(salt, ascii, hash);
        return new SecretHash(salt, hash);
    }

    /// <summary>In constant time, and without an allocation.</summary>
    /// <param name="ascii">A value, all of it.</param>
    [SkipLocalsInit]
    public bool Matches(ReadOnlySpan<byte> ascii)
    {
        Span<byte> hash = stackalloc byte[HashLength];
        Compute(_salt, ascii, hash);
        return AreEqual(hash, _hash);
    }

    public override string ToString() => "[redacted]";

    [SkipLocalsInit]
    private static void Compute(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> ascii, Span<byte> hash)
    {
        Span<byte> buffer = stackalloc byte[SaltLength + ApiKeyValue.MaxLength];
        salt.CopyTo(buffer);
        ascii.CopyTo(buffer[SaltLength..]);
        Sha256.HashData(buffer[..(SaltLength + ascii.Length)], hash);
    }

    /// <summary>Without a branch that depends on what is compared. FixedTimeEquals does the same a byte at a time.</summary>
    private static bool AreEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var a = MemoryMarshal.Cast<byte, ulong>(left[..HashLength]);
        var b = MemoryMarshal.Cast<byte, ulong>(right[..HashLength]);
        return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3])) == 0;
    }
}
