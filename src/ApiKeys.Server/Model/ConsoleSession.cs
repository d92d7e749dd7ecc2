namespace ApiKeys.Server.Model;

/// <summary>
/// Somebody who signed in to the console with a key. What his cookie holds is not here, only a hash of it: the database alone lets
/// nobody in.
/// </summary>
internal sealed class ConsoleSession
{
    /// <summary>SHA-256 of the random name of the session, 32 bytes.</summary>
    public required byte[] Id { get; init; }

    /// <summary>The session as the framework serializes it: which key it was begun with, and until when it lasts. No secret.</summary>
    public required byte[] Ticket { get; set; }

    /// <summary>The first instant at which it has ended, unless somebody uses it before.</summary>
    public required DateTimeOffset ExpiresAt { get; set; }
}
