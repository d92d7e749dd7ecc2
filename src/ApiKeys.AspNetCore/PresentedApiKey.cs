using System.Runtime.InteropServices;

namespace ApiKeys.AspNetCore;

/// <summary>What a request presented, unchecked. It prints redacted, so that it cannot reach a log by accident.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly struct PresentedApiKey : IEquatable<PresentedApiKey>
{
    private readonly ReadOnlyMemory<char> _text;

    /// <summary>Wraps the text as it was received, or a part of it.</summary>
    public PresentedApiKey(ReadOnlyMemory<char> text) => _text = text;

    /// <summary>Wraps the text as it was received.</summary>
    public PresentedApiKey(string text) => _text = text.AsMemory();

    /// <summary>The text itself, for whoever verifies it.</summary>
    public ReadOnlySpan<char> Reveal() => _text.Span;

    /// <summary>Never the text.</summary>
    public override string ToString() => "[redacted]";

    /// <inheritdoc />
    public bool Equals(PresentedApiKey other) => Reveal().SequenceEqual(other.Reveal());

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is PresentedApiKey other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => string.GetHashCode(Reveal(), StringComparison.Ordinal);

    /// <summary>Whether both are the same text.</summary>
    public static bool operator ==(PresentedApiKey left, PresentedApiKey right) => left.Equals(right);

    /// <summary>Whether they are different texts.</summary>
    public static bool operator !=(PresentedApiKey left, PresentedApiKey right) => !left.Equals(right);
}
