using System.Text.Json.Serialization;

namespace ApiKeys.AspNetCore.Leases;

/// <summary>
/// A node's own row, and the log. Every call is one statement, or one transaction that has been committed when it returns; each sees all
/// that was committed before it was sent. Where the database is away they throw, and may then have been done or not.
/// </summary>
internal interface INodeStore
{
    /// <summary>Writes the row of a new lease, which has acknowledged nothing.</summary>
    /// <returns>The database's time, read after the call was sent.</returns>
    Task<DateTimeOffset> RegisterAsync(Guid lease, TimeSpan length, CancellationToken cancellationToken);

    /// <summary>One more beat of the row, and what the node has applied, which is never more than the head.</summary>
    /// <param name="lease">The row.</param>
    /// <param name="beat">The last that was seen.</param>
    /// <param name="acked">The number of the last entry that was applied.</param>
    /// <param name="ackedAt">Its time; null where there has been none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// Null where there is no such row, or one of an earlier beat, or no such entry; then the row is left as it is, for its numbers may be
    /// those of another database: the lease is lost.
    /// </returns>
    Task<Renewal?> RenewAsync(Guid lease, long beat, long acked, DateTimeOffset? ackedAt, CancellationToken cancellationToken);

    /// <summary>
    /// Writes to the row that this entry was applied, if the row says so of the one before, and the log says of it what the node was
    /// told. Nothing is lost if it is forgotten in a crash, so nobody waits for the disk.
    /// </summary>
    /// <returns>False where it was not written: the log has to be read.</returns>
    Task<bool> AcknowledgeAsync(Guid lease, long beat, Invalidation applied, CancellationToken cancellationToken);

    /// <summary>The head, and the log from this number on, that one included; at most <paramref name="limit"/> of it.</summary>
    Task<InvalidationLog> ReadLogAsync(long from, int limit, CancellationToken cancellationToken);

    /// <summary>Removes the row: a clean stop.</summary>
    Task LeaveAsync(Guid lease, CancellationToken cancellationToken);

    /// <summary>Whether an exception says no more than that the database is away, which passes.</summary>
    bool IsUnavailable(Exception exception);
}

/// <summary>A place in the log. Numbers alone cannot be compared: of another database, or of one that was restored, they are others.</summary>
/// <param name="Seq">The number of an entry; 0 before the first.</param>
/// <param name="At">When it was made; null before the first.</param>
internal sealed record LogPosition(long Seq, DateTimeOffset? At);

/// <summary>Whoever asks may not have a lease.</summary>
internal sealed class LeaseRefusedException(string message) : Exception(message);

/// <param name="Beat">Of the row, now.</param>
/// <param name="Head">The number of the last invalidation.</param>
/// <param name="DatabaseTime">Read after the renewal was sent.</param>
internal sealed record Renewal([property: JsonRequired] long Beat, [property: JsonRequired] long Head, [property: JsonRequired] DateTimeOffset DatabaseTime);

/// <param name="Head">The number of the last invalidation.</param>
/// <param name="HeadAt">When that was made; null where there has been none.</param>
/// <param name="Entries">Those asked for, in the order of their numbers.</param>
internal sealed record InvalidationLog(
    [property: JsonRequired] long Head, DateTimeOffset? HeadAt, [property: JsonRequired] IReadOnlyList<Invalidation> Entries);
