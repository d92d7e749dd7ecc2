using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace ApiKeys.Server.SampleApi;

/// <summary>The sample's own small world: some incidents, and the investigations that visitors start, kept in memory.</summary>
internal sealed class SecurityOperations(TimeProvider time)
{
    private const int MaxInvestigations = 1000;
    private const int MaxMessages = 100;

    private readonly ConcurrentDictionary<string, Investigation> _investigations = new();

    public IReadOnlyList<Incident> Incidents { get; } =
    [
        new("inc-1", "Ransomware note on a file server", "high", ["host:files-01", "user:backup"]),
        new("inc-2", "Sign-in from two countries within an hour", "medium", ["user:carol", "address:198.51.100.23"]),
        new("inc-3", "PowerShell started by a spreadsheet", "high", ["host:desk-17", "user:carol"]),
    ];

    public Incident? Incident(string id) => Incidents.FirstOrDefault(incident => incident.Id == id);

    public IEnumerable<Incident> Search(string text) => Incidents.Where(incident =>
        incident.Title.Contains(text, StringComparison.OrdinalIgnoreCase)
        || incident.Related.Any(related => related.Contains(text, StringComparison.OrdinalIgnoreCase)));

    public Investigation? Investigation(string id) => _investigations.GetValueOrDefault(id);

    /// <returns>Null where there are as many as the sample keeps.</returns>
    public Investigation? Start(Incident incident)
    {
        if (_investigations.Count >= MaxInvestigations)
            return null;

        var investigation = new Investigation($"inv-{_investigations.Count + 1}", incident.Id, time.GetUtcNow(), []);
        return _investigations.TryAdd(investigation.Id, investigation) ? investigation : Start(incident);
    }

    /// <returns>Null where the session holds as many messages as the sample keeps.</returns>
    public Investigation? Write(Investigation investigation, string text)
    {
        while (investigation.Messages.Count < MaxMessages)
        {
            var written = investigation with { Messages = investigation.Messages.Add(text) };
            if (_investigations.TryUpdate(investigation.Id, written, investigation))
                return written;

            investigation = _investigations[investigation.Id];
        }

        return null;
    }
}

/// <summary>Something that happened.</summary>
internal sealed record Incident(string Id, string Title, string Severity, IReadOnlyList<string> Related);

/// <summary>Somebody looks into an incident; the session of the same id holds what is written about it.</summary>
internal sealed record Investigation(string Id, string IncidentId, DateTimeOffset StartedAt, ImmutableList<string> Messages);
