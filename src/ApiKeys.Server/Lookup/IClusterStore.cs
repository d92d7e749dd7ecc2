namespace ApiKeys.Server.Lookup;

/// <summary>What nodes tell each other through the database: beside each one's own row and the log, the rows of all.</summary>
internal interface IClusterStore : INodeStore
{
    /// <summary>The head, and the rows of all leases.</summary>
    Task<NodesSeen> LookAsync(CancellationToken cancellationToken);

    /// <summary>Removes the row, if its beat is still this one.</summary>
    Task FenceAsync(Guid lease, long beat, CancellationToken cancellationToken);

    /// <summary>Removes what of the log is older than any node needs; never the last entry, nor the one before what is new.</summary>
    Task TrimAsync(CancellationToken cancellationToken);
}

internal sealed record NodesSeen(long Head, IReadOnlyList<LeaseSeen> Leases);

/// <param name="Id">The lease.</param>
/// <param name="Beat">One more with each renewal.</param>
/// <param name="Acked">The last invalidation that the node has applied.</param>
/// <param name="Length">For how long after a renewal it answers from memory.</param>
internal sealed record LeaseSeen(Guid Id, long Beat, long Acked, TimeSpan Length);
