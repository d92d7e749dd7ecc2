namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>What an administrator does to some keys.</summary>
/// <param name="Kind">How the log names it.</param>
/// <param name="Target">Whom the log names.</param>
/// <param name="Keys">Those that it concerns.</param>
/// <param name="Cut">What it takes away from them; nothing where it is an edit that leaves them accepted.</param>
internal sealed record Change(InvalidationKind Kind, string Target, KeySet Keys, Cut Cut)
{
    public bool IsCommitted { get; set; }

    public bool IsAnswered { get; set; }

    public static Change Random(SimulatedRandom random)
    {
        var key = random.Next(SimulatedKeys.Count);
        var organization = SimulatedKeys.OrganizationOf(key);
        return random.Next(20) switch
        {
            < 9 => new Change(InvalidationKind.Key, SimulatedKeys.KeyIds[key], KeySet.Of(key), Cut.Revoked),
            < 13 => new Change(InvalidationKind.Key, SimulatedKeys.KeyIds[key], KeySet.Of(key), Cut.None),
            < 16 => new Change(
                InvalidationKind.Organization, SimulatedKeys.Organizations[organization].ToString(),
                KeySet.Where(other => SimulatedKeys.OrganizationOf(other) == organization), Cut.Suspended),
            < 19 => new Change(
                InvalidationKind.Member, SimulatedKeys.Members[key % 2].ToString(), KeySet.Where(other => other % 2 == key % 2), Cut.Revoked),
            _ => new Change(InvalidationKind.Catalog, "", KeySet.Where(_ => true), Cut.Narrowed),
        };
    }

    public override string ToString() => $"{(Cut == Cut.None ? "edit" : Cut)} of keys {Keys}";
}

/// <summary>Some of the keys.</summary>
internal readonly record struct KeySet(int Bits)
{
    public static KeySet Of(int key) => new(1 << key);

    public static KeySet Where(Func<int, bool> condition) =>
        new(Enumerable.Range(0, SimulatedKeys.Count).Where(condition).Sum(key => 1 << key));

    public bool Contains(int key) => (Bits & (1 << key)) != 0;

    public KeySet With(int key) => new(Bits | (1 << key));

    public override string ToString()
    {
        var bits = Bits;
        return string.Concat(Enumerable.Range(0, SimulatedKeys.Count).Where(key => (bits & (1 << key)) != 0).Select(key => (char)('0' + key)));
    }
}
