namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>What befalls a node, an API (a node as well, and the service is what it needs), or the database.</summary>
internal enum FaultKind
{
    /// <summary>A node stands still for half a lease, and goes on.</summary>
    PausedBriefly,

    /// <summary>A node stands still for longer than its lease lasts, and goes on without knowing it.</summary>
    PausedForLong,

    /// <summary>A node is killed, and another is started in its place.</summary>
    Killed,

    /// <summary>The database is stopped at once, and recovers before leases end.</summary>
    DatabaseCrashedBriefly,

    /// <summary>The database is stopped at once, and recovers after all leases have ended.</summary>
    DatabaseCrashedForLong,

    /// <summary>A node's connections to what it needs are reset, and new ones are too, for longer than a lease.</summary>
    ConnectionsReset,

    /// <summary>What a node and what it needs say to each other disappears, for longer than a lease.</summary>
    BlackHole,

    /// <summary>What a node and what it needs say to each other arrives after the lease has ended.</summary>
    Delayed,

    /// <summary>The database ends the connection by which a node hears of changes.</summary>
    ListenerDropped,
}

internal static class FaultKinds
{
    public static bool IsOfDatabase(this FaultKind kind) =>
        kind is FaultKind.DatabaseCrashedBriefly or FaultKind.DatabaseCrashedForLong or FaultKind.ListenerDropped;

    /// <summary>Whether the node that it befalls answers nobody meanwhile.</summary>
    public static bool Silences(this FaultKind kind) =>
        kind is FaultKind.PausedBriefly or FaultKind.PausedForLong or FaultKind.Killed;

    /// <summary>Whether the other nodes have all they need, so that a change made there is answered within a lease's end.</summary>
    public static bool SparesOthers(this FaultKind kind) => !kind.IsOfDatabase() || kind == FaultKind.ListenerDropped;
}
