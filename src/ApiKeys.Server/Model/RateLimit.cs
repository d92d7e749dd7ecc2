namespace ApiKeys.Server.Model;

/// <summary>At most this many requests in each window; windows lie on the grid of the Unix epoch.</summary>
internal sealed record RateLimit(int Requests, int WindowSeconds);
