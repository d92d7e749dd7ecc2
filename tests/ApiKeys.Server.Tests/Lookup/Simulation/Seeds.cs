namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>Many runs, on threads of their own: the pool's are for the tests beside.</summary>
internal sealed class Seeds
{
    private readonly Rules _rules;
    private readonly ulong _end;
    private readonly bool _toTheEnd;
    private readonly Lock _finding = new();
    private ulong _next;

    private Seeds(Rules rules, int count, bool toTheEnd) => (_rules, _end, _toTheEnd) = (rules, (ulong)count, toTheEnd);

    /// <summary>A seed, and the rule that it broke.</summary>
    public SortedDictionary<ulong, string> Violations { get; } = [];

    public Counts Counts { get; } = new();

    public ulong Tried { get; private set; }

    /// <param name="rules">What runs.</param>
    /// <param name="count">Seeds from 0 on.</param>
    /// <param name="toTheEnd">Or only until one of them breaks a promise.</param>
    public static Seeds Run(Rules rules, int count, bool toTheEnd)
    {
        var seeds = new Seeds(rules, count, toTheEnd);
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(seeds.Run)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return seeds;
    }

    private void Run()
    {
        var counts = new Counts();
        for (var seed = Interlocked.Increment(ref _next) - 1; seed < _end; seed = Interlocked.Increment(ref _next) - 1)
        {
            var world = new World(seed, _rules);
            var violation = world.Run();
            counts.Add(world.Counts);
            if (violation is null)
                continue;

            lock (_finding)
                Violations[seed] = violation;

            if (!_toTheEnd && violation.StartsWith('S'))
                Interlocked.Exchange(ref _next, _end);
        }

        lock (_finding)
        {
            Counts.Add(counts);
            Tried = Math.Min(_next, _end);
        }
    }
}
