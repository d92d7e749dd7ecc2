using System.Text;
using ApiKeys.Server.Lookup;

namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>What happened in a run, a line each. Leases are numbered in the order of their mention, since their ids are random.</summary>
internal sealed class Trace(Scheduler scheduler)
{
    private readonly StringBuilder _lines = new();
    private readonly List<Guid> _leases = [];

    public void Add(object who, string what) => _lines.AppendLine($"{scheduler.Now / 1e9,12:F6}  {who,-9} {what}");

    public string Describe(object? result) => result switch
    {
        Renewal renewal => $"head {renewal.Head}",
        InvalidationLog log => $"head {log.Head}, entries {string.Join(' ', log.Entries.Select(entry => entry.Seq))}",
        NodesSeen seen => $"head {seen.Head}, {string.Join(", ", seen.Leases.Select(Describe))}",
        LeaseSeen lease => $"lease {Number(lease.Id)} beat {lease.Beat} acked {lease.Acked}",
        KeySnapshot key => SimulatedKeys.IsAccepted(key) ? "good" : "cut",
        DateTimeOffset => "done",
        null => "none",
        _ => result.ToString()!,
    };

    public int Number(Guid lease)
    {
        if (!_leases.Contains(lease))
            _leases.Add(lease);

        return _leases.IndexOf(lease) + 1;
    }

    public override string ToString() => _lines.ToString();
}
