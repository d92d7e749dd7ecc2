using System.Buffers;

namespace ApiKeys.AspNetCore.Values;

/// <summary>What was presented, found to have the format of a value: the checksum included, the secret not yet.</summary>
internal readonly ref struct PresentedValue
{
    private PresentedValue(ReadOnlySpan<byte> ascii, PackedKeyId keyId)
    {
        Ascii = ascii;
        KeyId = keyId;
    }

    /// <summary>All of it, for hashing. Never for a log.</summary>
    public ReadOnlySpan<byte> Ascii { get; }

    public PackedKeyId KeyId { get; }

    /// <summary>No input makes it throw, none makes it slow, and none makes it allocate.</summary>
    /// <param name="text">As it was received.</param>
    /// <param name="buffer"><see cref="ApiKeyValue.MaxLength"/> bytes, for as long as the value is looked at.</param>
    /// <param name="value">Where the answer is true.</param>
    public static bool TryRead(ReadOnlySpan<char> text, Span<byte> buffer, out PresentedValue value)
    {
        value = default;
        if (System.Text.Ascii.FromUtf16(text, buffer, out var length) != OperationStatus.Done)
            return false;

        ReadOnlySpan<byte> ascii = buffer[..length];
        if (!ApiKeyValue.IsWellFormed(ascii, out var keyId))
            return false;

        value = new PresentedValue(ascii, PackedKeyId.Of(keyId));
        return true;
    }
}
