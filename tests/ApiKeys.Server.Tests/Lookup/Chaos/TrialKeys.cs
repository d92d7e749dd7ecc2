namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>The keys that clients present: those that live, and those whose end was asked for lately.</summary>
internal sealed class TrialKeys
{
    private readonly Lock _writing = new();
    private readonly List<TrialKey> _all = [];
    private volatile TrialKey[] _living = [];
    private volatile TrialKey[] _ending = [];

    public IReadOnlyList<TrialKey> Living => _living;

    public IReadOnlyList<TrialKey> All
    {
        get
        {
            lock (_writing)
                return [.. _all];
        }
    }

    public TrialKey Add(string keyId, string value)
    {
        lock (_writing)
        {
            var key = new TrialKey(_all.Count, keyId, value);
            _all.Add(key);
            _living = [.. _living, key];
            return key;
        }
    }

    public void End(IReadOnlyList<TrialKey> keys)
    {
        lock (_writing)
        {
            _living = [.. _living.Except(keys)];
            _ending = [.. _ending, .. keys];
        }
    }

    /// <summary>They have been asked for often enough.</summary>
    public void Forget(IReadOnlyList<TrialKey> keys)
    {
        lock (_writing)
            _ending = [.. _ending.Except(keys)];
    }

    /// <summary>One that ends, as often as not: that is where the promise could break.</summary>
    public TrialKey Pick(Random random)
    {
        var (living, ending) = (_living, _ending);
        var from = ending.Length > 0 && random.Next(2) == 0 ? ending : living;
        return from[random.Next(from.Length)];
    }
}

/// <summary>A value in use. Not a record, which would print it.</summary>
internal sealed class TrialKey(int number, string keyId, string value)
{
    public int Number => number;

    public string KeyId => keyId;

    public string Value => value;
}
