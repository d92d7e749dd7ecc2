using ApiKeys.Server.Lookup;

namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>Where one process of the server runs after another, with its clock and its way to the database.</summary>
internal sealed class Machine(World world, int number)
{
    private const int MaxDriftPpm = 500;

    private readonly long _clockOffset = world.Random.Between(1, 1_000_000 * Nanoseconds.Second);
    private readonly int _driftPpm = world.Random.Chance(0.5) ? world.Random.OneOf([-MaxDriftPpm, MaxDriftPpm]) : world.Random.Next((2 * MaxDriftPpm) + 1) - MaxDriftPpm;
    private int _processes;

    public int Number => number;

    public string Name => ((char)('A' + number)).ToString();

    public LookupOptions Options { get; } = new()
    {
        LeaseSeconds = world.Setting.LeaseSeconds * (world.Setting.HasMixedLeases && world.Random.Chance(0.5) ? 2 : 1),
        MaxKeys = world.Setting.MaxKeys,
        MaxConcurrentReads = 2,
    };

    /// <summary>Null while none runs.</summary>
    public Server? Server { get; private set; }

    public long CutOffUntil { get; private set; }

    public long SlowUntil { get; set; }

    /// <summary>Until then something was wrong that may delay what this machine waits for.</summary>
    public long DisturbedUntil { get; set; }

    public bool ReachesDatabase => world.Now >= CutOffUntil;

    /// <summary>How long a call may take before its caller gives up, as NodeDatabase sets it.</summary>
    public long Patience => Math.Max(1, Options.LeaseSeconds / 5) * Nanoseconds.Second;

    public SimulatedClock ClockFor(SimulatedProcess process) => new(world, process, _clockOffset, _driftPpm);

    public void Start()
    {
        if (Server is not null)
            return;

        Server = new Server(world, this, new SimulatedProcess(world.Scheduler, $"{Name}{++_processes}"));
        Server.Start();
    }

    /// <summary>From the database; an earlier end that was foreseen is put off, and a later one stays.</summary>
    public void CutOff(long until) => CutOffUntil = Math.Max(CutOffUntil, until);

    /// <summary>From one moment to the next: what it had begun never ends, and its row stays.</summary>
    public void Crash()
    {
        if (Server is null)
            return;

        Server.Process.IsDead = true;
        Server = null;
    }

    /// <summary>One way, to the database or back.</summary>
    public long Latency()
    {
        if (world.Now < SlowUntil)
            return world.Random.Between(20 * Nanoseconds.Millisecond, world.Setting.Lease * 6 / 10);

        return world.Random.Next(32) switch
        {
            0 => world.Random.Between(20 * Nanoseconds.Millisecond, 60 * Nanoseconds.Millisecond),
            < 4 => world.Random.Between(2 * Nanoseconds.Millisecond, 20 * Nanoseconds.Millisecond),
            _ => world.Random.Between(Nanoseconds.Millisecond / 10, 2 * Nanoseconds.Millisecond),
        };
    }

    /// <summary>A connection is refused at once, or nobody answers.</summary>
    public long TimeToFail() => world.Random.Chance(0.2)
        ? world.Random.Between(Nanoseconds.Millisecond, 10 * Nanoseconds.Millisecond)
        : world.Random.Between(100 * Nanoseconds.Millisecond, 600 * Nanoseconds.Millisecond);
}
