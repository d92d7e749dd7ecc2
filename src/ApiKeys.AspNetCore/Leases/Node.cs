using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace ApiKeys.AspNetCore.Leases;

/// <summary>
/// Keeps this node's lease and applies the log of invalidations: the protocol of this folder's README, as one loop that does one
/// thing at a time. Its order is what the promise rests on, and docs/model proves it.
/// </summary>
internal partial class Node(
    INodeStore store, INodeMemory memory, Lease lease, LeaseOptions options, MonotonicClock clock, Random random, ILogger<Node> logger)
    : IDisposable
{
    /// <summary>Whoever is further behind forgets everything, which is less work.</summary>
    private const int MaxEntriesRead = 10_000;

    private readonly WakeUp _wakeUp = new(clock);
    private readonly TimeSpan _renewalInterval = options.Lease / 5;
    private Guid? _id;
    private Guid? _abandoned;
    private long _beat;
    private volatile LogPosition _applied = new(0, null);
    private long _renewedAt;
    private bool _isAway;
    private Invalidation? _told;

    /// <summary>Whether the log is read every few milliseconds, since nobody says when it has grown.</summary>
    public bool Polls { get; set; }

    /// <summary>The last entry of the log that memory heeds.</summary>
    public LogPosition Applied => _applied;

    /// <summary>Another node has read a changed catalog: raised before what this one remembers by the old one is forgotten.</summary>
    public event EventHandler? CatalogChanged;

    /// <summary>There may be something new in the log, whatever else was told. Never blocks.</summary>
    public void Wake()
    {
        Volatile.Write(ref _told, null);
        _wakeUp.Wake();
    }

    /// <summary>This is new in the log. Never blocks.</summary>
    public void Tell(Invalidation invalidation)
    {
        Volatile.Write(ref _told, invalidation); // of two at once one is enough: the log has the other
        _wakeUp.Wake();
    }

    /// <summary>
    /// Goes on until it is cancelled. Whatever fails is tried again, and the lease ends by itself meanwhile; but not where
    /// <see cref="LeaseRefusedException"/> says that it is of no use.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var pause = await TryTurnAsync(cancellationToken);
            await _wakeUp.WaitAsync(pause, cancellationToken);
        }
    }

    /// <summary>Registers, so that a host answers from memory from its first request on.</summary>
    public async Task StartAsync(CancellationToken cancellationToken) => await TryTurnAsync(cancellationToken);

    /// <summary>The clean stop, after the last request: nobody has to wait for this node any more.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        lease.End();
        if ((_id ?? _abandoned) is { } id)
            await store.LeaveAsync(id, cancellationToken);
    }

    public void Dispose()
    {
        _wakeUp.Dispose();
        GC.SuppressFinalize(this);
    }

    private bool IsRenewalDue => clock.GetElapsedTime(_renewedAt) >= _renewalInterval;

    /// <returns>How long to wait, unless woken.</returns>
    private async Task<TimeSpan> TryTurnAsync(CancellationToken cancellationToken)
    {
        try
        {
            await TurnAsync(cancellationToken);
            if (_isAway)
                LogBack(logger);

            _isAway = false;
            var untilRenewal = _renewalInterval - clock.GetElapsedTime(_renewedAt);
            var poll = TimeSpan.FromMilliseconds(options.PollMilliseconds);
            return Polls && poll < untilRenewal ? poll : untilRenewal;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is not LeaseRefusedException)
        {
            if (!_isAway)
                LogAway(logger, store.IsUnavailable(exception) ? null : exception, exception.GetBaseException().Message);

            _isAway = true;
            return options.Lease * (0.01 + (0.04 * random.NextDouble())); // not all nodes at once, when it comes back
        }
    }

    private async Task TurnAsync(CancellationToken cancellationToken)
    {
        var told = Interlocked.Exchange(ref _told, null);
        var behind = true; // its row does not say yet what has been applied
        if (_id is null)
            await RegisterAsync(cancellationToken);
        else if (!IsRenewalDue) // which says whether there is something new, too
            behind = !await TryHeedAsync(told, cancellationToken) && await CatchUpAsync(cancellationToken);

        while (behind || IsRenewalDue)
            behind = await RenewAsync(cancellationToken);
    }

    /// <summary>The log is read after the row was committed: what is committed later finds the row, and waits for it.</summary>
    private async Task RegisterAsync(CancellationToken cancellationToken)
    {
        if (_abandoned is { } earlier)
            await store.LeaveAsync(earlier, cancellationToken); // whatever became of it: nobody has to wait for it

        var sent = clock.GetTimestamp();
        var id = new Guid(RandomNumberGenerator.GetBytes(16)); // a new one each time, so that no row is ever taken for an earlier one
        _abandoned = id; // unless all goes well
        var databaseTime = await store.RegisterAsync(id, options.Lease, cancellationToken);
        await CatchUpAsync(cancellationToken);
        memory.NextGeneration();
        (_id, _abandoned, _beat) = (id, null, 1);
        Extend(sent, databaseTime);
    }

    /// <returns>Whether there is nothing else to be done: it was known, or was applied and acknowledged.</returns>
    private async Task<bool> TryHeedAsync(Invalidation? told, CancellationToken cancellationToken)
    {
        if (told is null || (told.Seq == _applied.Seq && told.At != _applied.At))
            return false;

        if (told.Seq <= _applied.Seq)
            return true;

        if (told.Seq > _applied.Seq + 1 || told.Kind == InvalidationKind.Catalog)
            return false;

        if (!await ApplyAndAcknowledgeAsync(_id!.Value, _beat, told, cancellationToken))
            return false;

        _applied = new LogPosition(told.Seq, told.At);
        return true;
    }

    /// <summary>Whoever told it may have heard it of another database: it counts if the one that has our row has it too.</summary>
    protected virtual async Task<bool> ApplyAndAcknowledgeAsync(Guid lease, long beat, Invalidation told, CancellationToken cancellationToken)
    {
        memory.Apply([told]);
        return await store.AcknowledgeAsync(lease, beat, told, cancellationToken);
    }

    /// <returns>Whether something was applied that has to be acknowledged.</returns>
    private async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        var sent = clock.GetTimestamp();
        var renewal = await store.RenewAsync(_id!.Value, _beat, _applied.Seq, _applied.At, cancellationToken);
        if (renewal is null)
        {
            // Fenced; or somebody has put an older copy of the database in the place of ours, and with the same log, perhaps.
            lease.End();
            ForgetAfterLoss();
            (_id, _abandoned) = (null, _id);
            LogLost(logger);
            await RegisterAsync(cancellationToken);
            return true;
        }

        _beat = renewal.Beat;
        if (renewal.Head == _applied.Seq)
        {
            Extend(sent, renewal.DatabaseTime);
            return false;
        }

        await ApplyAndExtendAsync(sent, renewal, cancellationToken);
        return true;
    }

    /// <summary>
    /// Applied before the lease is extended: so no lease that was in force at a change outlives it by more than its length, even
    /// if nobody looks at this node's row.
    /// </summary>
    protected virtual async Task ApplyAndExtendAsync(long sent, Renewal renewal, CancellationToken cancellationToken)
    {
        await CatchUpAsync(cancellationToken, atLeast: renewal.Head);
        Extend(sent, renewal.DatabaseTime);
    }

    /// <summary>Applies what is new in the log. Where the log does not follow what was applied, everything is forgotten.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="atLeast">The head that was seen before: a log that ends earlier is an old one.</param>
    /// <returns>Whether there was something.</returns>
    protected async Task<bool> CatchUpAsync(CancellationToken cancellationToken, long atLeast = 0)
    {
        var log = await store.ReadLogAsync(_applied.Seq, MaxEntriesRead, cancellationToken);
        if (log.Head < atLeast)
            throw new InvalidOperationException("What was read of the log is older than the renewal: something between here and the database remembers it, or there are two databases.");

        var follows = Follows(log);
        if (follows)
        {
            var fresh = log.Entries.Where(invalidation => invalidation.Seq > _applied.Seq).ToList();
            if (log.Head == _applied.Seq)
                return false;

            if (fresh.Any(invalidation => invalidation.Kind == InvalidationKind.Catalog))
                CatalogChanged?.Invoke(this, EventArgs.Empty);

            memory.Apply(fresh);
        }
        else
        {
            CatalogChanged?.Invoke(this, EventArgs.Empty);
            ForgetAll();
        }

        _applied = new LogPosition(log.Head, log.HeadAt);
        if (follows)
            memory.NextGeneration(); // what was begun before is not measured by this number
        else
            ForgetAll(); // nor what was kept in between, by the number of before

        return true;
    }

    /// <summary>
    /// Whether it begins with the very entry that was applied last, and goes on to the head without a gap. It does not after
    /// a trim, and where somebody has put another database in the place of ours.
    /// </summary>
    private bool Follows(InvalidationLog log) => _applied.Seq == 0
        ? log.Entries.Count == log.Head
        : log.Entries is [var last, ..] && last.Seq == _applied.Seq && last.At == _applied.At && log.Entries.Count == log.Head - _applied.Seq + 1;

    /// <summary>After a gap in the log.</summary>
    protected virtual void ForgetAll() => memory.Forget();

    /// <summary>After the row was lost. Of a fence the log would tell all; of an older copy of the database it may not.</summary>
    protected virtual void ForgetAfterLoss() => memory.Forget();

    protected void Extend(long sent, DateTimeOffset databaseTime)
    {
        _renewedAt = sent;
        lease.Extend(StartOfLease(sent), databaseTime);
    }

    /// <summary>The moment that the lease counts from.</summary>
    protected virtual long StartOfLease(long sent) => sent;

    [LoggerMessage(500, LogLevel.Warning, "The database cannot be reached: keys are verified from memory until the lease ends. {Reason}")]
    private static partial void LogAway(ILogger logger, Exception? exception, string reason);

    [LoggerMessage(501, LogLevel.Information, "The database is back, and the lease is renewed")]
    private static partial void LogBack(ILogger logger);

    [LoggerMessage(502, LogLevel.Warning, "The row of this node's lease is gone, or an older one: it was not heard of for longer than the lease, or the database was restored. It forgets everything and registers again")]
    private static partial void LogLost(ILogger logger);
}
