namespace ApiKeys.Server.Model;

/// <summary>How much of a key's rate limit nodes have taken in the window of the moment, or in the last one of which any was taken.</summary>
internal sealed class RateLimitWindow
{
    public required Guid ApiKeyId { get; init; }

    public required int WindowSeconds { get; init; }

    /// <summary>How many windows of that length lie between it and the Unix epoch.</summary>
    public required long Number { get; init; }

    /// <summary>By all nodes.</summary>
    public required int Taken { get; init; }
}
