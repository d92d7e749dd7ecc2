using ApiKeys.Server.Database;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ApiKeys.Server.Verification.Usage;

/// <summary>Writes uses every few seconds in one batch, and once more on a clean stop. A crash loses one interval.</summary>
internal sealed partial class UsageWriter(
    UsageLog log, IDbContextFactory<ApiKeysDbContext> contexts, UsageOptions options, TimeProvider time, ILogger<UsageWriter> logger)
    : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenPrunings = TimeSpan.FromHours(1);
    private const int MaxRows = 5_000;

    /// <summary>Keys that are gone by now have no uses. Of the addresses of a key only the latest stay.</summary>
    private const string Statements =
        """
        -- Never in doubt whether it was done: it would be added once more. A crash may take it.
        select set_config('synchronous_commit', 'local', true);

        insert into key_usage_days (api_key_id, day, secret_number, outcome, uses, first_at, last_at)
        select use.* from unnest(@ids, @days, @secrets, @outcomes, @uses, @firsts, @lasts) as use (id, day, secret, outcome, uses, first, last)
            join api_keys as key on key.id = use.id
        order by use.id, use.day, use.secret, use.outcome
        on conflict (api_key_id, day, secret_number, outcome) do update
        set uses = key_usage_days.uses + excluded.uses,
            first_at = least(key_usage_days.first_at, excluded.first_at),
            last_at = greatest(key_usage_days.last_at, excluded.last_at);

        insert into key_usage (api_key_id, organization_id, created_at, last_used_at, previous_last_used_at)
        select use.id, key.organization_id, key.created_at, max(use.last), max(use.last) filter (where use.secret < key.secret_number)
        from unnest(@ids, @secrets, @outcomes, @lasts) as use (id, secret, outcome, last) join api_keys as key on key.id = use.id
        where use.outcome = 'accepted'
        group by use.id, key.organization_id, key.created_at
        order by use.id
        on conflict (api_key_id) do update
        set last_used_at = greatest(key_usage.last_used_at, excluded.last_used_at),
            previous_last_used_at = greatest(key_usage.previous_last_used_at, excluded.previous_last_used_at);

        insert into key_usage_addresses (api_key_id, secret_number, address, at)
        select use.* from unnest(@users, @by, @addresses, @ats) as use (id, secret, address, at) join api_keys as key on key.id = use.id
        order by use.id, use.secret, use.address
        on conflict (api_key_id, secret_number, address) do update set at = greatest(key_usage_addresses.at, excluded.at);

        delete from key_usage_addresses as use using (
            select one.api_key_id, one.secret_number, one.address
            from key_usage_addresses as one join api_keys as key on key.id = one.api_key_id
            where one.api_key_id = any(@users) and (one.secret_number < key.secret_number - 1 or @most <= (
                select count(*) from key_usage_addresses as other
                where other.api_key_id = one.api_key_id and other.secret_number = one.secret_number
                    and (other.at, other.address) > (one.at, one.address)))
            for update of one skip locked) as old
        where (use.api_key_id, use.secret_number, use.address) = (old.api_key_id, old.secret_number, old.address)
        """;

    private readonly SemaphoreSlim _writing = new(1, 1);
    private DateTimeOffset _pruned = DateTimeOffset.MinValue;

    public override void Dispose()
    {
        _writing.Dispose();
        base.Dispose();
    }

    /// <summary>In batches that take a moment each. What was written is not written again.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        var batch = log.Take();
        try
        {
            while (!batch.IsEmpty)
            {
                var (counts, addresses) = (batch.Counts.Take(MaxRows).ToList(), batch.Addresses.Take(MaxRows).ToList());
                await using var db = await contexts.CreateDbContextAsync(cancellationToken);
                await db.Database.ExecuteSqlRawAsync(Statements, ParametersOf(counts, addresses), cancellationToken);
                batch.Remove(counts.Select(row => row.Key), addresses.Select(row => row.Key));
            }
        }
        finally
        {
            log.PutBack(batch);
            _writing.Release();
        }

        if (log.TakeLost() is > 0 and var lost)
            LogLost(logger, lost);
    }

    /// <summary>Removes the days that are not kept any more.</summary>
    public async Task PruneAsync(CancellationToken cancellationToken)
    {
        var oldest = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(1 - options.RetentionDays);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.KeyUsageDays.Where(use => use.Day < oldest).ExecuteDeleteAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(FlushAsync, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryAsync(FlushAsync, stoppingToken);
                if (time.GetUtcNow() - _pruned < BetweenPrunings)
                    continue;

                _pruned = time.GetUtcNow();
                await TryAsync(PruneAsync, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops, or never started.
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        try
        {
            await write(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is: a note of a use is no reason to stop answering requests.
            LogNotWritten(logger, exception);
        }
    }

    private static object[] ParametersOf(
        List<KeyValuePair<UsageBatch.CountKey, KeyUse.Count>> counts, List<KeyValuePair<UsageBatch.AddressKey, KeyUse.Address>> addresses) =>
        [
            new NpgsqlParameter("ids", counts.Select(row => row.Key.KeyId).ToArray()),
            new NpgsqlParameter("days", counts.Select(row => DateOnly.FromDayNumber(row.Key.Day)).ToArray()),
            new NpgsqlParameter("secrets", counts.Select(row => row.Key.SecretNumber).ToArray()),
            new NpgsqlParameter("outcomes", counts.Select(row => UsageBatch.NameOf(row.Key.Outcome)).ToArray()),
            new NpgsqlParameter("uses", counts.Select(row => row.Value.Uses).ToArray()),
            new NpgsqlParameter("firsts", counts.Select(row => row.Value.First).ToArray()),
            new NpgsqlParameter("lasts", counts.Select(row => row.Value.Last).ToArray()),
            new NpgsqlParameter("users", addresses.Select(row => row.Key.KeyId).ToArray()),
            new NpgsqlParameter("addresses", addresses.Select(row => row.Key.From).ToArray()),
            new NpgsqlParameter("by", addresses.Select(row => row.Key.SecretNumber).ToArray()),
            new NpgsqlParameter("ats", addresses.Select(row => row.Value.At).ToArray()),
            new NpgsqlParameter("most", KeyUsageAddress.MaxPerSecret),
        ];

    [LoggerMessage(210, LogLevel.Warning, "Uses of keys could not be written, or old ones not removed; it is tried again")]
    private static partial void LogNotWritten(ILogger logger, Exception exception);

    [LoggerMessage(211, LogLevel.Warning, "More keys were used than there is room for between two writes, or the database was away for too long: {Notes} notes of uses are lost")]
    private static partial void LogLost(ILogger logger, long notes);
}
