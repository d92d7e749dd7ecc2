namespace ApiKeys.Server.Model;

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

/// <summary>The one row that numbers invalidations. Its lock puts commits in order, which a sequence does not.</summary>
internal sealed class InvalidationHead
{
    public int Id { get; init; } = 1;

    /// <summary>The number of the last invalidation.</summary>
    public long Head { get; init; }
}

/// <summary>A node's right to answer from memory, as all others see it. A node has a new one each time it registers.</summary>
internal sealed class NodeLease
{
    public required Guid Id { get; init; }

    /// <summary>One more with each renewal.</summary>
    public required long Beat { get; init; }

    /// <summary>The last invalidation that the node has applied.</summary>
    public required long Acked { get; init; }

    /// <summary>How long the node answers from memory after a renewal.</summary>
    public required int LeaseMilliseconds { get; init; }

    /// <summary>The machine it runs on, for whoever looks into the table.</summary>
    public required string Host { get; init; }

    /// <summary>By the database's clock.</summary>
    public required DateTimeOffset RegisteredAt { get; init; }
}
