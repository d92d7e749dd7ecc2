namespace IncidentsApi;

internal sealed record Incident(int Id, string Title);
