using ApiKeys.Server.Database;
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

    /// <summary>Keys that are gone by now have no uses. Of the addresses of a key only the latest stay.</summary>
    private const string Statements =
        """
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

        insert into key_usage_addresses (api_key_id, address, secret_number, at)
        select use.* from unnest(@users, @addresses, @by, @ats) as use (id, address, secret, at) join api_keys as key on key.id = use.id
        order by use.id, use.address
        on conflict (api_key_id, address) do update
        set at = greatest(key_usage_addresses.at, excluded.at),
            secret_number = case when excluded.at >= key_usage_addresses.at then excluded.secret_number else key_usage_addresses.secret_number end;

        delete from key_usage_addresses as use using (
            select api_key_id, address, row_number() over (partition by api_key_id order by at desc, address) as place
            from key_usage_addresses where api_key_id = any(@users)) as ranked
        where ranked.place > @most and use.api_key_id = ranked.api_key_id and use.address = ranked.address
        """;

    private DateTimeOffset _pruned = DateTimeOffset.MinValue;

    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var batch = log.Take();
        if (batch.IsEmpty)
            return;

        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await db.Database.ExecuteSqlRawAsync(Statements, ParametersOf(batch), cancellationToken);
        }
        catch
        {
            log.PutBack(batch);
            throw;
        }

        if (batch.Lost > 0)
            LogLost(logger, batch.Lost);
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
                if (time.GetUtcNow() - _pruned >= BetweenPrunings && await TryAsync(PruneAsync, stoppingToken))
                    _pruned = time.GetUtcNow();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops, or never started.
        }
    }

    private async Task<bool> TryAsync(Func<CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        try
        {
            await write(cancellationToken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is: a note of a use is no reason to stop answering requests.
            LogNotWritten(logger, Interval.TotalSeconds, exception);
            return false;
        }
    }

    private static object[] ParametersOf(UsageBatch batch)
    {
        var (counts, addresses) = (batch.Counts.ToList(), batch.Addresses.ToList());
        return
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
            new NpgsqlParameter("by", addresses.Select(row => row.Value.SecretNumber).ToArray()),
            new NpgsqlParameter("ats", addresses.Select(row => row.Value.At).ToArray()),
            new NpgsqlParameter("most", KeyUsageAddress.MaxPerKey),
        ];
    }

    [LoggerMessage(210, LogLevel.Warning, "Uses of keys could not be written; trying again in {Seconds} s")]
    private static partial void LogNotWritten(ILogger logger, double seconds, Exception exception);

    [LoggerMessage(211, LogLevel.Warning, "The database was away for too long: {Notes} notes of uses of keys found no room in memory and are lost")]
    private static partial void LogLost(ILogger logger, long notes);
}
