namespace ApiKeys.Server.Model;

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
