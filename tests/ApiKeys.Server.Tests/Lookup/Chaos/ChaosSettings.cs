using System.Globalization;
using System.Security.Cryptography;

namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>How long, and which faults in which order; <c>scripts/chaos</c> sets it in the environment.</summary>
/// <param name="Length">No round of faults begins after it; one is made in any case.</param>
/// <param name="Seed">Of every choice; the moments at which processes run are nobody's to choose.</param>
/// <param name="ReportFile">Where the report is written as well; null for nowhere.</param>
internal sealed record ChaosSettings(TimeSpan Length, int Seed, string? ReportFile)
{
    public static ChaosSettings Read() => new(
        TimeSpan.FromMinutes(double.Parse(Variable("MINUTES") ?? "0", CultureInfo.InvariantCulture)),
        int.Parse(Variable("SEED") ?? $"{RandomNumberGenerator.GetInt32(int.MaxValue)}", CultureInfo.InvariantCulture),
        Variable("REPORT"));

    private static string? Variable(string name) => Environment.GetEnvironmentVariable($"APIKEYS_CHAOS_{name}") is { Length: > 0 } text ? text : null;
}
