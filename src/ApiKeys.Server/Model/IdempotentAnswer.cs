namespace ApiKeys.Server.Model;

/// <summary>
/// An answer that was given to a request with an <c>Idempotency-Key</c>, to be given again. It may hold a value, so it is kept
/// encrypted under a key that is not here: only who sends the same header again has it.
/// </summary>
internal sealed class IdempotentAnswer
{
    /// <summary>32 bytes, derived from the header and from who sent it.</summary>
    public required byte[] Id { get; init; }

    /// <summary>SHA-256 of the method, the path and the body: the same header must come with the same request.</summary>
    public required byte[] RequestHash { get; init; }

    /// <summary>AES-256-GCM: a nonce of 12 bytes, the ciphertext, a tag of 16 bytes.</summary>
    public required byte[] Sealed { get; init; }

    /// <summary>The first instant at which it is forgotten.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
