using System.ComponentModel.DataAnnotations;

namespace ApiKeys.Server.Http;

/// <summary>How far a change had come when it was answered.</summary>
/// <param name="Nodes" example="3">How many nodes there were when the change was committed.</param>
/// <param name="Confirmed" example="3">How many of them have said that they heed it; what the others remember has lapsed, or will.</param>
/// <param name="ElapsedMs" example="4">Milliseconds from the commit to the answer.</param>
internal sealed record Propagation([property: Required] int Nodes, [property: Required] int Confirmed, [property: Required] long ElapsedMs);

/// <summary>An answer that says how far the change has come.</summary>
internal interface ITellsPropagation
{
    Propagation? Propagation { get; set; }
}

/// <summary>
/// What stands in a 202 beside the members of the answer that was to be given: the change is made, and some node may not know it yet.
/// </summary>
internal sealed record PendingChange
{
    [Required]
    public required Propagation Propagation { get; init; }

    /// <summary>From this instant on it is in force on every node, whatever becomes of them.</summary>
    [Required]
    public required DateTimeOffset EffectiveBy { get; init; }
}
