using ApiKeys.Server.Lookup;

namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>Judges a run while it goes on: what was answered to whom, against what administrators had been told by then.</summary>
internal sealed class History(World world)
{
    private readonly KeyHistory[] _keys = [.. Enumerable.Range(0, SimulatedKeys.Count).Select(_ => new KeyHistory())];

    /// <summary>The first broken rule.</summary>
    public string? Violation { get; private set; }

    public void Violate(string rule)
    {
        if (Violation is not null)
            return;

        Violation = rule;
        world.Trace?.Add("VIOLATED", rule);
        world.Scheduler.Stop();
    }

    public void Begins(Change change)
    {
        foreach (var key in KeysOf(change.Cut == Cut.None ? default : change.Keys))
            key.HasCutBegun = true;
    }

    /// <summary>Whoever asks from now on must be refused, on every machine.</summary>
    public void IsInForce(KeySet keys)
    {
        foreach (var key in KeysOf(keys))
            key.InForceFrom = Math.Min(key.InForceFrom, world.Now);
    }

    /// <summary>So must be, in any case, whoever asks after this time.</summary>
    public void WillBeInForce(KeySet keys, long by)
    {
        foreach (var key in KeysOf(keys))
            key.EffectiveBy = Math.Min(key.EffectiveBy, by);
    }

    /// <summary>An older copy of the database knows nothing of these cuts.</summary>
    public void Undo(KeySet keys)
    {
        foreach (var key in KeysOf(keys))
        {
            (key.InForceFrom, key.EffectiveBy) = (long.MaxValue, long.MaxValue);
            Array.Clear(key.IsRefusedOn);
        }
    }

    public Question Begins(Machine machine, int key)
    {
        var known = _keys[key];
        var promise =
            known.InForceFrom <= world.Now ? "S1: a key was accepted after the answer that it is cut"
            : known.EffectiveBy < world.Now ? "S1: a key was accepted after the time by which it is cut"
            : known.IsRefusedOn[machine.Number] ? "S2: a machine accepted a key that it had refused"
            : null;
        return new Question(machine, key, promise, world.Database.Epoch);
    }

    public void Ends(Question question, KeyFound found, bool fromMemory)
    {
        var accepted = found.Key is { } key && SimulatedKeys.IsAccepted(key);
        world.Trace?.Add(
            question.Machine.Server?.Process.ToString() ?? "",
            $"key {question.Key} {(accepted ? "accepted" : found.Key is null ? "unavailable" : "refused")} {(fromMemory ? "from memory" : "by a read")}");

        if (found.Key is null)
        {
            world.Counts[Happened.Unavailable]++;
            if (found.IsKnown)
                Violate("A key that there is was taken for unknown");
        }
        else if (accepted)
        {
            world.Counts[fromMemory ? Happened.AcceptedFromMemory : Happened.AcceptedByRead]++;
            if (question.Promise is not null && question.Epoch == world.Database.Epoch)
                Violate(question.Promise);
        }
        else
        {
            world.Counts[fromMemory ? Happened.RefusedFromMemory : Happened.RefusedByRead]++;
            world.Counts[Happened.CheckedAfterAnswer] += question.Promise is null ? 0 : 1;
            if (!_keys[question.Key].HasCutBegun)
                Violate("S3: a key was refused before anybody cut it");

            if (question.Epoch == world.Database.Epoch)
                _keys[question.Key].IsRefusedOn[question.Machine.Number] = world.Database.CutKeys.Contains(question.Key);
        }
    }

    private IEnumerable<KeyHistory> KeysOf(KeySet keys) => _keys.Where((_, key) => keys.Contains(key));

    private sealed class KeyHistory
    {
        public bool HasCutBegun { get; set; }

        public long InForceFrom { get; set; } = long.MaxValue;

        public long EffectiveBy { get; set; } = long.MaxValue;

        public bool[] IsRefusedOn { get; } = new bool[3];
    }
}

/// <param name="Machine">Who was asked.</param>
/// <param name="Key">For what.</param>
/// <param name="Promise">The rule that is broken if it is accepted; null where it may be.</param>
/// <param name="Epoch">Of the database at that time.</param>
internal readonly record struct Question(Machine Machine, int Key, string? Promise, int Epoch);
