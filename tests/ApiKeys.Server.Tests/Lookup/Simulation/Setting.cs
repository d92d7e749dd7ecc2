namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>What a run is like as a whole.</summary>
internal sealed class Setting(SimulatedRandom random)
{
    /// <summary>Of most nodes; those that were configured otherwise have twice as much.</summary>
    public int LeaseSeconds { get; } = random.Chance(0.02) ? 10 : 1;

    public int Machines { get; } = random.Chance(0.6) ? 2 : 3;

    public int Changes { get; } = 1 + random.Next(4);

    /// <summary>How often a call fails that has nothing to fear otherwise.</summary>
    public double Flakiness { get; } = random.Chance(0.3) ? 0.03 : 0;

    /// <summary>Behind a transaction pooler: none arrives, and nodes poll.</summary>
    public bool HasNotifications { get; } = random.Chance(0.85);

    public double NotificationLoss { get; } = random.OneOf([0.0, 0.3, 1.0]);

    public bool HasMixedLeases { get; } = random.Chance(0.15);

    /// <summary>How many keys a node remembers: seldom fewer than there are.</summary>
    public int MaxKeys { get; } = random.Chance(0.1) ? 2 : 8;

    public long Lease => LeaseSeconds * Nanoseconds.Second;
}
