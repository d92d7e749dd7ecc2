using ApiKeys.Server.Lookup;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ApiKeys.Server.Tests.Lookup;

public sealed class CleanUpTests
{
    private static readonly LookupOptions Options = new();
    private readonly SteppedClock _clock = new();
    private readonly MemoryStore _store = new();

    [Fact]
    public async Task Whatever_fails_is_told_once_and_tried_again()
    {
        using var logs = new TestLogs();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(logs));
        using var node = new Node(
            _store, new KeyCache(Options), new Lease(_clock, Options), Options, _clock, new Random(1), NullLogger<Node>.Instance);
        using var stop = new CancellationTokenSource();
        var failure = new PostgresException("relation \"node_leases\" does not exist", "ERROR", "ERROR", PostgresErrorCodes.UndefinedTable);
        var cleanUp = new CleanUp(new RevocationBarrier(_store, node, _clock), _store, Options, _clock, loggers.CreateLogger<CleanUp>());
        var running = cleanUp.RunAsync(stop.Token);

        _store.Failure = failure;
        await UntilAsync(() => _store.Failures > 2);
        Assert.StartsWith("Warning 504 ", Assert.Single(logs.Lines), StringComparison.Ordinal);

        _store.Failure = null;
        _store.Rows.Add(new LeaseSeen(Guid.AllBitsSet, Beat: 1, Acked: 0, Options.Lease)); // of a node that died
        await UntilAsync(() => _store.Rows.Count == 0);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Task UntilAsync(Func<bool> condition) => Eventually.TrueAsync(
            () =>
            {
                _clock.Advance(LookupOptions.EndOf(Options.Lease) * 2);
                return condition();
            },
            () => string.Join('\n', logs.Lines));
    }
}
