using ApiKeys.Server.Database;
using ApiKeys.Server.Lookup;

namespace ApiKeys.Server.Tests.Lookup;

/// <summary>What nodes tell each other, in memory, for tests of one node or one waiter. It can be made to hang.</summary>
internal sealed class MemoryStore : IClusterStore
{
    public List<LeaseSeen> Rows { get; } = [];

    public List<Invalidation> Log { get; } = [];

    /// <summary>It answers no more.</summary>
    public bool Hangs { get; set; }

    /// <summary>What it throws instead of answering.</summary>
    public Exception? Failure { get; set; }

    /// <summary>How often it has thrown it.</summary>
    public int Failures { get; private set; }

    /// <summary>How often the log cannot be read, from now on.</summary>
    public int LogFailures { get; set; }

    /// <summary>What renewals are told.</summary>
    public DateTimeOffset DatabaseTime { get; set; } = DateTimeOffset.UnixEpoch;

    /// <summary>Whoever reads the log gets it without its last entry.</summary>
    public bool LogIsStale { get; set; }

    /// <summary>How often it was read, or not.</summary>
    public int LogReads { get; private set; }

    private long Head => Log.Count > 0 ? Log[^1].Seq : 0;

    public void Change(int count = 1)
    {
        for (var i = 0; i < count; i++)
            Change(InvalidationKind.Key, "k_000000000000");
    }

    /// <returns>What the log says of it.</returns>
    public Invalidation Change(InvalidationKind kind, string target)
    {
        Log.Add(new Invalidation { Seq = Head + 1, Kind = kind, Target = target, At = DateTimeOffset.UnixEpoch.AddSeconds(Head) });
        return Log[^1];
    }

    public Task<DateTimeOffset> RegisterAsync(Guid lease, TimeSpan length, CancellationToken cancellationToken) => AnswerAsync(
        () =>
        {
            Rows.Add(new LeaseSeen(lease, Beat: 1, Acked: 0, length));
            return DateTimeOffset.UnixEpoch;
        },
        cancellationToken);

    public Task<Renewal?> RenewAsync(Guid lease, long beat, long acked, DateTimeOffset? ackedAt, CancellationToken cancellationToken) => AnswerAsync(
        () =>
        {
            var row = Rows.FindIndex(row => row.Id == lease && row.Beat >= beat);
            if (row < 0 || (ackedAt is not null && !Log.Exists(entry => entry.Seq == acked && entry.At == ackedAt)))
                return null;

            Rows[row] = Rows[row] with { Beat = Rows[row].Beat + 1, Acked = Math.Min(acked, Head) };
            return new Renewal(Rows[row].Beat, Head, DatabaseTime);
        },
        cancellationToken);

    public Task<bool> AcknowledgeAsync(Guid lease, long beat, Invalidation applied, CancellationToken cancellationToken) => AnswerAsync(
        () =>
        {
            var row = Rows.FindIndex(row => row.Id == lease && row.Beat >= beat && row.Acked == applied.Seq - 1);
            if (row < 0 || !Log.Exists(entry => entry.Seq == applied.Seq && entry.At == applied.At))
                return false;

            Rows[row] = Rows[row] with { Acked = applied.Seq };
            return true;
        },
        cancellationToken);

    public Task<InvalidationLog> ReadLogAsync(long from, int limit, CancellationToken cancellationToken) => AnswerAsync(
        () => LogReads++ >= 0 && LogFailures-- > 0
            ? throw new InvalidOperationException("The log cannot be read.")
            : LogIsStale ? new InvalidationLog(Head - 1, Log.Count > 1 ? Log[^2].At : null, [.. Log.Where(entry => entry.Seq >= from && entry.Seq < Head).Take(limit)])
            : new InvalidationLog(Head, Log.Count > 0 ? Log[^1].At : null, [.. Log.Where(entry => entry.Seq >= from).Take(limit)]),
        cancellationToken);

    public Task<NodesSeen> LookAsync(CancellationToken cancellationToken) => AnswerAsync(() => new NodesSeen(Head, [.. Rows]), cancellationToken);

    public Task FenceAsync(Guid lease, long beat, CancellationToken cancellationToken) =>
        AnswerAsync(() => Rows.RemoveAll(row => row.Id == lease && row.Beat == beat), cancellationToken);

    public Task LeaveAsync(Guid lease, CancellationToken cancellationToken) =>
        AnswerAsync(() => Rows.RemoveAll(row => row.Id == lease), cancellationToken);

    public Task TrimAsync(CancellationToken cancellationToken) =>
        AnswerAsync(() => Log.RemoveAll(entry => entry.Seq < Head), cancellationToken);

    public bool IsUnavailable(Exception exception) => DatabaseFaults.IsUnavailable(exception);

    private async Task<T> AnswerAsync<T>(Func<T> answer, CancellationToken cancellationToken)
    {
        if (Hangs)
            await Task.Delay(Timeout.Infinite, cancellationToken);

        if (Failure is null)
            return answer();

        Failures++;
        throw Failure;
    }
}
