namespace ApiKeys.AspNetCore.Leases;

/// <summary>
/// One change that makes what nodes remember of keys out of date. Written by triggers, in the transaction of the change itself:
/// whoever changes a key, by whatever means, cannot forget it.
/// </summary>
internal sealed class Invalidation
{
    /// <summary>1, 2, 3 … in the order of commits, without a gap.</summary>
    public required long Seq { get; init; }

    public required InvalidationKind Kind { get; init; }

    /// <summary>The key id, or the id of the organization or member; empty for the catalog and for everything.</summary>
    public required string Target { get; init; }

    /// <summary>By the database's clock.</summary>
    public required DateTimeOffset At { get; init; }
}

/// <summary>What was changed, in the database's own spelling.</summary>
internal enum InvalidationKind
{
    Key,
    Organization,
    Member,
    Catalog,

    /// <summary>So much at once that it is not told one by one.</summary>
    Everything,

    /// <summary>What only a later version of this program knows: anything may have changed.</summary>
    Unknown,
}
