using System.Security.Cryptography;
using ApiKeys.Server.Database;
using Npgsql;

namespace ApiKeys.Server.Lookup;

/// <summary>
/// Listens for the database's sign that the log has grown. It saves time and nothing else: a sign that is lost is made up for by the
/// next renewal. Behind a transaction pooler none ever arrives, which is tried out first; the log is polled then.
/// </summary>
internal sealed partial class Notifications(
    NodeDatabase database, Node node, InvalidationFeed feed, LookupOptions options, MonotonicClock clock, Random random,
    ILogger<Notifications> logger)
{
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(2);

    private volatile bool _isSettled;

    /// <summary>Whether this node hears of changes, or knows that it will not and reads the log instead; false while it is finding out.</summary>
    public bool IsSettled => _isSettled;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            _isSettled = false;
            node.Polls = true; // until somebody listens
            node.Wake();
            try
            {
                await ListenAsync(cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogLost(logger, DatabaseFaults.IsUnavailable(exception) ? null : exception, exception.GetBaseException().Message);
            }

            await Task.Delay(TimeSpan.FromSeconds(0.5 + random.NextDouble()), cancellationToken);
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.Listening.OpenConnectionAsync(cancellationToken);
        connection.Notification += (_, notification) =>
        {
            if (InvalidationPayload.TryParse(notification.Payload) is { } invalidation)
                node.Tell(invalidation);
            else
                node.Wake();

            feed.Publish(notification.Payload);
        };
        await using (var listen = new NpgsqlCommand($"listen {InvalidationTable.Channel}", connection))
            await listen.ExecuteNonQueryAsync(cancellationToken);

        node.Wake(); // what came before we listened is in the log
        feed.Publish("");
        if (!await ProbeAsync(connection, cancellationToken))
        {
            _isSettled = true;
            LogSilent(logger, options.PollMilliseconds);
            await PassOnAsync(cancellationToken);
        }

        node.Polls = false;
        _isSettled = true;
        while (true)
            await connection.WaitAsync(cancellationToken);
    }

    /// <summary>Whoever is told by this node hears of what it has read itself.</summary>
    private async Task PassOnAsync(CancellationToken cancellationToken)
    {
        for (var passed = node.Applied.Seq; ;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(options.PollMilliseconds), clock, cancellationToken);
            if (node.Applied.Seq is var applied && applied == passed)
                continue;

            passed = applied;
            feed.Publish("");
        }
    }

    /// <summary>Whether a notification that another connection sends arrives at this one.</summary>
    private async Task<bool> ProbeAsync(NpgsqlConnection listener, CancellationToken cancellationToken)
    {
        var token = RandomNumberGenerator.GetHexString(16);
        var arrived = false;
        void Notice(object _, NpgsqlNotificationEventArgs notification) => arrived |= notification.Payload == token;

        listener.Notification += Notice;
        try
        {
            await using var notify = database.ForOthers.CreateCommand("select pg_notify($1, $2)");
            notify.Parameters.Add(new NpgsqlParameter { Value = InvalidationTable.Channel });
            notify.Parameters.Add(new NpgsqlParameter { Value = token });
            await notify.ExecuteNonQueryAsync(cancellationToken);

            var started = clock.GetTimestamp();
            while (!arrived && clock.GetElapsedTime(started) is var waited && waited < ProbePatience)
                await listener.WaitAsync((int)(ProbePatience - waited).TotalMilliseconds + 1, cancellationToken); // 0 would be for ever

            return arrived;
        }
        finally
        {
            listener.Notification -= Notice;
        }
    }

    [LoggerMessage(510, LogLevel.Warning, "Notifications of the database do not arrive, as behind a transaction pooler: the log is read every {Milliseconds} ms instead. Changes take that much longer; they are as safe")]
    private static partial void LogSilent(ILogger logger, int milliseconds);

    [LoggerMessage(511, LogLevel.Warning, "The connection that listens for changes was lost; the log is polled until there is another. {Reason}")]
    private static partial void LogLost(ILogger logger, Exception? exception, string reason);
}
