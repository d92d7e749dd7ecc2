using ApiKeys.Server.Lookup;

namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>Of what a server is made: the production's classes, unless a test puts in one that lacks a rule.</summary>
internal sealed record Rules
{
    public static readonly Rules Production = new();

    public Func<NodeParts, Node> Node { get; init; } = BrokenRules.ProductionNode;

    public Func<LookupOptions, KeyCache> Cache { get; init; } = options => new KeyCache(options);

    public Func<MonotonicClock, LookupOptions, Lease> Lease { get; init; } = (clock, options) => new Lease(clock, options);

    public Func<IClusterStore, World, IClusterStore> Store { get; init; } = (store, _) => store;

    public Func<IKeySource, IKeySource> Source { get; init; } = source => source;
}

internal sealed record NodeParts(IClusterStore Store, KeyCache Cache, Lease Lease, LookupOptions Options, MonotonicClock Clock, Random Random);
