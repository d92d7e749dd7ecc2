namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>What goes wrong in a run, and when: rather near a change than anywhere.</summary>
internal sealed class Faults(World world, IReadOnlyList<long> changes, long last)
{
    public void Plan()
    {
        var kinds = new (double Chance, Action Begin)[]
        {
            (0.35, Pause), (0.20, Pause), (0.30, CutOff), (0.15, CutOff), (0.10, Outage), (0.30, SlowDown), (0.20, Crash), (0.15, Stop),
            (0.25, Trim), (0.10, Trim), (0.03, Restore),
        };
        foreach (var (chance, begin) in kinds)
            if (world.Random.Chance(chance))
                world.Scheduler.At(When(), process: null, begin);
    }

    private long When()
    {
        var lease = world.Setting.Lease;
        var near = world.Random.OneOf(changes) + world.Random.Between(-lease * 3 / 2, lease);
        return world.Random.Chance(0.6) ? Math.Clamp(near, 0, last) : world.Random.Between(0, last);
    }

    private long Length() => world.Random.Chance(0.3)
        ? world.Random.Between(world.Setting.Lease * 9 / 10, world.Setting.Lease * 12 / 10)
        : world.Random.Between(world.Setting.Lease / 10, world.Setting.Lease * 2);

    private void Pause()
    {
        var machine = world.Random.OneOf(world.Machines);
        var until = world.Now + Length();
        if (machine.Server is not { } server)
            return;

        server.Process.PausedUntil = until;
        Note(Happened.Pause, machine, until);
    }

    private void CutOff()
    {
        var machine = world.Random.OneOf(world.Machines);
        machine.CutOff(world.Now + Length());
        Note(Happened.CutOff, machine, machine.CutOffUntil);
    }

    private void Outage()
    {
        var until = world.Now + Length();
        foreach (var machine in world.Machines)
        {
            machine.CutOff(until);
            Note(Happened.Outage, machine, until);
        }
    }

    private void SlowDown()
    {
        var until = world.Now + Length();
        foreach (var machine in world.Random.Chance(0.5) ? world.Machines : [world.Random.OneOf(world.Machines)])
        {
            machine.SlowUntil = until;
            Note(Happened.Slowness, machine, until);
        }
    }

    private void Crash()
    {
        var machine = world.Random.OneOf(world.Machines);
        machine.Crash();
        Note(Happened.Crash, machine, world.Now);
        StartAgain(machine);
    }

    private void Stop()
    {
        var machine = world.Random.OneOf(world.Machines);
        if (machine.Server is not { IsStopping: false } server)
            return;

        server.Stop();
        Note(Happened.Stop, machine, world.Now);
        world.Scheduler.At(world.Now + world.Random.Between(0, world.Setting.Lease), process: null, () =>
        {
            if (machine.Server != server)
                return;

            machine.Crash();
            StartAgain(machine);
        });
    }

    private void StartAgain(Machine machine) =>
        world.Scheduler.At(world.Now + world.Random.Between(0, world.Setting.Lease), process: null, machine.Start);

    private void Trim()
    {
        world.Database.Trim();
        world.Counts[Happened.Trim]++;
        world.Trace?.Add("fault", "the log is trimmed");
    }

    /// <summary>Nobody can put a copy in the place of a database in less time than the longest lease.</summary>
    private void Restore()
    {
        var copy = world.Database.Copy();
        world.Scheduler.At(world.Now + Length(), process: null, () =>
        {
            var until = world.Now + (world.Setting.Lease * 5 / 2);
            foreach (var machine in world.Machines)
            {
                machine.CutOff(until);
                Note(Happened.Restore, machine, until);
            }

            world.Restore(copy);
        });
    }

    private void Note(Happened what, Machine machine, long until)
    {
        machine.DisturbedUntil = Math.Max(machine.DisturbedUntil, until);
        world.Counts[what]++;
        world.Trace?.Add("fault", $"{what} of {machine.Name} until {until / 1e9:F6}");
    }
}
