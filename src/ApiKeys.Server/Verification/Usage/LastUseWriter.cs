using ApiKeys.Server.Database;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Verification.Usage;

/// <summary>Writes last uses every few seconds in one statement, and once more on a clean stop. A crash loses one interval.</summary>
internal sealed partial class LastUseWriter(
    LastUse lastUse, IDbContextFactory<ApiKeysDbContext> contexts, TimeProvider time, ILogger<LastUseWriter> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>In the order of their ids, so that nodes which write the same keys never wait for each other in a circle.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var uses = lastUse.Take();
        if (uses.Count == 0)
            return;

        try
        {
            var ids = uses.Select(use => use.Key).ToArray();
            var times = uses.Select(use => use.Value.At).ToArray();
            var previous = uses.Select(use => use.Value.PreviousAt).ToArray();
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into key_usage (api_key_id, organization_id, created_at, last_used_at, previous_last_used_at)
                select use.id, key.organization_id, key.created_at, use.at, use.previous_at
                from unnest({ids}, {times}, {previous}) as use (id, at, previous_at) join api_keys as key on key.id = use.id
                order by use.id
                on conflict (api_key_id) do update
                set last_used_at = greatest(key_usage.last_used_at, excluded.last_used_at),
                    previous_last_used_at = greatest(key_usage.previous_last_used_at, excluded.previous_last_used_at)
                """,
                cancellationToken);
        }
        catch
        {
            lastUse.PutBack(uses);
            throw;
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryFlushAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await TryFlushAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops, or never started.
        }
    }

    private async Task TryFlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FlushAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is: a note of a use is no reason to stop answering requests.
            LogNotWritten(logger, Interval.TotalSeconds, exception);
        }
    }

    [LoggerMessage(210, LogLevel.Warning, "Last uses could not be written; trying again in {Seconds} s")]
    private static partial void LogNotWritten(ILogger logger, double seconds, Exception exception);
}
