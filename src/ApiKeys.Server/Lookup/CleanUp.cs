using ApiKeys.Server.Database;

namespace ApiKeys.Server.Lookup;

/// <summary>Removes every now and then the rows of nodes that died, and what of the log no node needs any more.</summary>
internal sealed partial class CleanUp(
    RevocationBarrier barrier, IClusterStore store, LookupOptions options, MonotonicClock clock, ILogger<CleanUp> logger)
{
    /// <summary>Goes on until it is cancelled. What fails is done the next time.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var isTold = false;
        while (true)
        {
            await Task.Delay(LookupOptions.EndOf(options.Lease) * 2, clock, cancellationToken);
            try
            {
                await barrier.SweepAsync(cancellationToken);
                await store.TrimAsync(cancellationToken);
                isTold = false;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (!isTold && !DatabaseFaults.IsUnavailable(exception)) // of a database that is away the node tells
                {
                    LogFailed(logger, exception, exception.GetBaseException().Message);
                    isTold = true;
                }
            }
        }
    }

    [LoggerMessage(504, LogLevel.Warning, "The rows of dead nodes and what is old of the log cannot be removed; it is tried again. Changes wait for a dead node until its lease ends. {Reason}")]
    private static partial void LogFailed(ILogger logger, Exception exception, string reason);
}
