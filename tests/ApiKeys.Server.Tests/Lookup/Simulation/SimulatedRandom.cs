namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>SplitMix64: all that happens in a run follows from its seed, whatever the runtime's own generator does.</summary>
internal sealed class SimulatedRandom(ulong seed) : Random(Seed: 0)
{
    private ulong _state = seed * 0xD1342543DE82EF95 + 0x2545F4914F6CDD1D;

    public ulong NextBits()
    {
        var bits = _state += 0x9E3779B97F4A7C15;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }

    public override double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    public override int Next(int maxValue) => (int)((NextBits() >> 32) * (ulong)maxValue >> 32);

    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>From here to there, the end excluded.</summary>
    public long Between(long from, long to) => from + (long)(NextDouble() * (to - from));

    public T OneOf<T>(IReadOnlyList<T> choices) => choices[Next(choices.Count)];
}
