namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>
/// One process from its start to its end. What it awaits goes on here and nowhere else, so that it stands still while the process is
/// paused, and never happens after it was killed.
/// </summary>
internal sealed class SimulatedProcess(Scheduler scheduler, string name) : SynchronizationContext
{
    public bool IsDead { get; set; }

    public long PausedUntil { get; set; }

    public override void Post(SendOrPostCallback d, object? state) => scheduler.At(scheduler.Now, this, d, state);

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nothing here may block.");

    public override SynchronizationContext CreateCopy() => this;

    public override string ToString() => name;
}
