using ApiKeys.Server.Database;
using ApiKeys.Server.Lookup;
using Microsoft.Extensions.Logging.Abstractions;

namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>One process of the server: the production's own classes, put together and run as NodeService does.</summary>
#pragma warning disable CA1001 // A process that ends disposes of nothing.
internal sealed class Server
#pragma warning restore CA1001
{
    private readonly World _world;
    private readonly Machine _machine;
    private readonly Lease _lease;
    private readonly Node _node;
    private readonly KeyLookup _lookup;
    private readonly MonotonicClock _clock;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private bool _hasStarted;

    public Server(World world, Machine machine, SimulatedProcess process)
    {
        (_world, _machine, Process) = (world, machine, process);
        var (options, rules) = (machine.Options, world.Rules);
        _clock = machine.ClockFor(process);
        Wire = new Wire(world, machine, process);
        var inner = new SimulatedStore(world, Wire);
        var store = rules.Store(inner, world);
        var cache = rules.Cache(options);
        _lease = rules.Lease(_clock, options);
        _node = rules.Node(new NodeParts(store, cache, _lease, options, _clock, world.Random));
        _node.Polls = !world.Setting.HasNotifications;
        _lookup = new KeyLookup(
            cache, new UnknownKeys(_clock), _lease, rules.Source(inner), options, _clock, world.Random, NullLogger<KeyLookup>.Instance);
        Barrier = new RevocationBarrier(store, _node, _clock);
    }

    public SimulatedProcess Process { get; }

    public Wire Wire { get; }

    public RevocationBarrier Barrier { get; }

    public bool HoldsLease => _lease.Holds(out _);

    public bool IsStopping => _stopping.IsCancellationRequested;

    public void Start() => In(() =>
    {
        _running = _world.Observe(RunAsync());
        AskNow();
    });

    public void Wake() => _node.Wake();

    public void Tell(Invalidation invalidation) => _node.Tell(invalidation);

    /// <summary>The clean stop. Requests go on for a while, which is harder than what NodeService asks for.</summary>
    public void Stop() => In(() => _ = _world.Observe(StopAsync()));

    public void Ask(int key)
    {
        var question = _world.History.Begins(_machine, key);
        if (_lookup.TryFind(SimulatedKeys.Packed[key], out var found))
            _world.History.Ends(question, found, fromMemory: true);
        else
            _ = _world.Observe(AskDatabaseAsync(question));
    }

    public void In(Action action) => _world.Scheduler.At(_world.Now, Process, action);

    private async Task AskDatabaseAsync(Question question)
    {
        if (_hasStarted && !HoldsLease)
            _world.Counts[Happened.AskedWithoutLease]++;

        var found = await _lookup.FindAsync(SimulatedKeys.Packed[question.Key], CancellationToken.None);
        _world.History.Ends(question, found, fromMemory: false);
    }

    private void AskNow()
    {
        Ask(_world.Random.Next(SimulatedKeys.Count));
        var pause = _world.Random.Between(0, _world.Setting.Lease / 12);
        _world.Scheduler.At(_world.Now + pause, Process, static server => ((Server)server!).AskNow(), this);
    }

    private async Task RunAsync()
    {
        try
        {
            await _node.StartAsync(_stopping.Token);
            _hasStarted = true;
            await Task.WhenAll(_node.RunAsync(_stopping.Token), SweepAsync());
        }
        catch (OperationCanceledException) when (IsStopping)
        {
            // It stops.
        }
    }

    private async Task SweepAsync()
    {
        while (true)
        {
            await Task.Delay(LookupOptions.EndOf(_machine.Options.Lease) * 2, _clock, _stopping.Token);
            try
            {
                await Barrier.SweepAsync(_stopping.Token);
            }
            catch (Exception exception) when (DatabaseFaults.IsUnavailable(exception))
            {
                // The next time.
            }
        }
    }

    private async Task StopAsync()
    {
        _stopping.Cancel(); // CancelAsync would go to the thread pool
        await _running;
        try
        {
            await _node.LeaveAsync(CancellationToken.None);
        }
        catch (Exception exception) when (DatabaseFaults.IsUnavailable(exception))
        {
            // Its row stays.
        }
    }
}
