using System.Threading.Channels;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;

namespace ApiKeys.Server.Lookup;

/// <summary>
/// A catalog that was read anew changes what keys may do, as an edit of every key would. This node forgets at once what it remembers
/// by the old one; the others are told by the log, read their own files again, and acknowledge.
/// </summary>
internal sealed partial class CatalogNews : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly LiveCatalog _catalog;
    private readonly KeyCache _cache;
    private readonly Node _node;
    private readonly NodeDatabase _database;
    private readonly RevocationBarrier _barrier;
    private readonly ILogger<CatalogNews> _logger;

    public CatalogNews(
        LiveCatalog catalog, KeyCache cache, Node node, NodeDatabase database, RevocationBarrier barrier, ILogger<CatalogNews> logger)
    {
        (_catalog, _cache, _node, _database, _barrier, _logger) = (catalog, cache, node, database, barrier, logger);
        _catalog.Changed += Tell;
        _node.CatalogChanged += ReadAgain;
    }

    public override void Dispose()
    {
        _catalog.Changed -= Tell;
        _node.CatalogChanged -= ReadAgain;
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var _ in _changes.Reader.ReadAllAsync(stoppingToken))
                await TellAllAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private void ReadAgain(object? sender, EventArgs e) => _catalog.ReadAgain();

    private void Tell(object? sender, EventArgs e)
    {
        _cache.Forget();
        _changes.Writer.TryWrite(true);
    }

    /// <summary>Again and again, until the others know: they go by what they remember until then.</summary>
    private async Task TellAllAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; !await TryTellAllAsync(isFirst: attempt == 1, cancellationToken); attempt++)
            await Task.Delay(Pause, cancellationToken);
    }

    private async Task<bool> TryTellAllAsync(bool isFirst, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = _database.ForOthers.CreateCommand(
                $"""
                with head as (update invalidation_head set head = head + 1 returning head),
                     entry as (insert into invalidations (seq, kind, target, at) select head, 'catalog', '', clock_timestamp() from head)
                select pg_notify('{InvalidationTable.Channel}', '')
                """);
            await command.ExecuteNonQueryAsync(cancellationToken);
            var reached = await _barrier.WaitAsync(patience: null, cancellationToken);
            LogTold(_logger, reached.Confirmed, reached.Nodes, reached.Elapsed.TotalMilliseconds);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (isFirst)
                LogNotTold(_logger, DatabaseFaults.IsUnavailable(exception) ? null : exception, exception.GetBaseException().Message);

            return false;
        }
    }

    [LoggerMessage(520, LogLevel.Information, "{Confirmed} of {Nodes} nodes have read their catalog again, after {Milliseconds:0} ms")]
    private static partial void LogTold(ILogger logger, int confirmed, int nodes, double milliseconds);

    [LoggerMessage(521, LogLevel.Warning, "The other nodes cannot be told that the catalog changed; it is tried again, and each may see it by its own files before. {Reason}")]
    private static partial void LogNotTold(ILogger logger, Exception? exception, string reason);
}
