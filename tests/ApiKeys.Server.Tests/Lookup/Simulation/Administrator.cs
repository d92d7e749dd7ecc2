using ApiKeys.Server.Database;
using ApiKeys.Server.Lookup;

namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>Makes changes on any machine, waits until they are in force, and repeats what was not answered.</summary>
internal sealed class Administrator(World world)
{
    private readonly List<Wait> _waits = [];

    public void Make(Change change)
    {
        if (change.IsAnswered)
            return;

        var machine = world.Random.OneOf(world.Machines);
        if (machine.Server is { IsStopping: false } server)
            server.In(() => _ = world.Observe(MakeAsync(change, machine, server)));

        world.Scheduler.At(world.Now + (world.Setting.Lease * 3), process: null, () => Make(change));
    }

    /// <summary>What goes on for longer than it may, at the end of a run.</summary>
    public void CheckEnd() => _waits.ForEach(CheckLength);

    private async Task MakeAsync(Change change, Machine machine, Server server)
    {
        world.History.Begins(change);
        try
        {
            await server.Wire.CallAsync(
                $"commit of {change}",
                () =>
                {
                    world.Commit(change);
                    return true;
                },
                CancellationToken.None);
        }
        catch (Exception exception) when (DatabaseFaults.IsUnavailable(exception))
        {
            return; // committed or not: it is made again
        }

        await WaitAsync(change, machine, server);
    }

    private async Task WaitAsync(Change change, Machine machine, Server server)
    {
        var wait = new Wait(machine, server, world.Now, world.Database.CutKeys, world.Database.Epoch);
        _waits.Add(wait);
        world.Trace?.Add(server.Process, $"waits for {change}");
        TimeSpan? patience = world.Random.Chance(0.3) ? TimeSpan.FromTicks(world.Random.Between(0, world.Setting.Lease * 2) / 100) : null;
        var result = await server.Barrier.WaitAsync(patience, CancellationToken.None);
        _waits.Remove(wait);
        CheckLength(wait);
        world.Trace?.Add(server.Process, $"answers {change}: {result}");
        if (wait.Epoch == world.Database.Epoch)
            Answer(change, wait, result);
    }

    private void Answer(Change change, Wait wait, BarrierResult result)
    {
        if (result.Remaining is { } remaining)
        {
            var by = world.Now + Nanoseconds.Of(remaining);
            world.Counts[Happened.PendingAnswer]++;
            world.History.WillBeInForce(wait.Keys, by);
            world.AskEverywhere(wait.Keys, by + 1);
            world.Scheduler.At(world.Now + world.Random.Between(0, world.Setting.Lease), process: null, () => Make(change));
            return;
        }

        change.IsAnswered = true;
        world.Counts[Happened.Answer]++;
        world.Counts[Happened.AnswerOverTheSilent] += result.Confirmed < result.Nodes ? 1 : 0;
        world.History.IsInForce(wait.Keys);
        world.AskEverywhere(wait.Keys, world.Now);
    }

    /// <summary>A machine that was not disturbed meanwhile waits no longer than the longest lease, and a few calls.</summary>
    private void CheckLength(Wait wait)
    {
        var longest = Nanoseconds.Of(LookupOptions.EndOf(TimeSpan.FromSeconds(world.Setting.LeaseSeconds * 2)));
        if (!wait.Server.Process.IsDead && wait.Machine.DisturbedUntil < wait.Since && world.Now - wait.Since > longest + Margin)
            world.History.Violate("L: a change was not answered in time");
    }

    private const long Margin = Nanoseconds.Second / 2;

    private sealed record Wait(Machine Machine, Server Server, long Since, KeySet Keys, int Epoch);
}
