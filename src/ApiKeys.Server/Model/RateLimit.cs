using System.ComponentModel.DataAnnotations;

namespace ApiKeys.Server.Model;

/// <summary>At most this many requests in each window; windows lie on the grid of the Unix epoch.</summary>
/// <param name="Requests" example="100">How many.</param>
/// <param name="WindowSeconds" example="60">In how long.</param>
internal sealed record RateLimit(
    [property: Range(1, RateLimit.MaxRequests)] int Requests, [property: Range(1, RateLimit.MaxWindowSeconds)] int WindowSeconds)
{
    public const int MaxRequests = 1_000_000_000;
    public const int MaxWindowSeconds = 86_400;
}
