namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>One run: its machines, their database, those who change keys and those who use them, and what goes wrong. The seed decides all.</summary>
internal sealed class World
{
    private const int LeasesOfChanges = 5;
    private const int LeasesOfFaults = 6;
    private const int Leases = 11;

    private readonly Administrator _administrator;
    private readonly List<Change> _changes = [];

    public World(ulong seed, Rules rules, bool isTraced = false)
    {
        Rules = rules;
        Random = new SimulatedRandom(seed);
        Scheduler = new Scheduler(Random);
        Trace = isTraced ? new Trace(Scheduler) : null;
        Setting = new Setting(Random);
        Database = new SimulatedDatabase(this);
        History = new History(this);
        _administrator = new Administrator(this);
        Machines = [.. Enumerable.Range(0, Setting.Machines).Select(number => new Machine(this, number))];
    }

    public Rules Rules { get; }

    public SimulatedRandom Random { get; }

    public Scheduler Scheduler { get; }

    public Trace? Trace { get; }

    public Setting Setting { get; }

    public SimulatedDatabase Database { get; }

    public Machine[] Machines { get; }

    public History History { get; }

    public Counts Counts { get; } = new();

    public long Now => Scheduler.Now;

    /// <returns>The broken rule; null where all were kept.</returns>
    public string? Run()
    {
        foreach (var machine in Machines)
            Scheduler.At(Random.Between(0, Setting.Lease / 3), process: null, machine.Start);

        var times = Enumerable.Range(0, Setting.Changes).Select(_ => Random.Between(Setting.Lease, Setting.Lease * LeasesOfChanges)).ToList();
        foreach (var time in times)
        {
            var change = Change.Random(Random);
            _changes.Add(change);
            Scheduler.At(time, process: null, () => _administrator.Make(change));
        }

        new Faults(this, times, Setting.Lease * LeasesOfFaults).Plan();
        Scheduler.RunUntil(Setting.Lease * Leases);
        if (History.Violation is null)
            CheckEnd();

        return History.Violation;
    }

    public void Commit(Change change)
    {
        if (change.IsCommitted)
            return;

        var entry = Database.Commit(change);
        Counts[Happened.Change]++;
        if (!Setting.HasNotifications)
            return;

        foreach (var machine in Machines)
        {
            if (machine.Server is not { } server)
                continue;

            if (!machine.ReachesDatabase || Random.Chance(Setting.NotificationLoss))
            {
                Counts[Happened.NotificationLost]++;
                continue;
            }

            Action tell = Random.Chance(0.8) ? () => server.Tell(entry) : server.Wake;
            Scheduler.At(Now + machine.Latency(), server.Process, tell);
            if (Random.Chance(0.1))
                Scheduler.At(Now + machine.Latency(), server.Process, tell);

        }
    }

    /// <summary>By connections that lead to the earlier database still.</summary>
    private void TellLate(Invalidation entry)
    {
        foreach (var machine in Machines)
            if (Setting.HasNotifications && Random.Chance(0.5))
                Scheduler.At(Now + Random.Between(0, Setting.Lease * 5), process: null, () => machine.Server?.In(() => machine.Server?.Tell(entry)));
    }

    public void Restore(SimulatedDatabase.Tables copy)
    {
        var before = Database.CutKeys;
        var lost = Database.ReadLog(copy.Head + 1, int.MaxValue).Entries;
        Database.Restore(copy);
        foreach (var entry in lost)
            TellLate(entry);

        History.Undo(new KeySet(before.Bits & ~Database.CutKeys.Bits));
    }

    /// <summary>Those who are likely to find a broken promise: at once, and for a while.</summary>
    public void AskEverywhere(KeySet keys, long from)
    {
        foreach (var machine in Machines)
        {
            for (var key = 0; key < SimulatedKeys.Count; key++)
            {
                if (keys.Contains(key) && machine.Server is { } server)
                {
                    var asked = key;
                    Scheduler.At(from, server.Process, () => server.Ask(asked));
                    Scheduler.At(from + Random.Between(0, 20 * Nanoseconds.Millisecond), server.Process, () => server.Ask(asked));
                }
            }
        }
    }

    public async Task Observe(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception exception)
        {
            History.Violate($"Unexpected: {exception}");
        }
    }

    private void CheckEnd()
    {
        _administrator.CheckEnd();
        foreach (var machine in Machines)
            if (machine.Server is { IsStopping: false, HoldsLease: false })
                History.Violate($"R: {machine.Name} had no lease again long after the last fault");
    }
}
