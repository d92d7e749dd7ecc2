using System.Globalization;

namespace ApiKeys.AspNetCore.Leases;

/// <summary>What the trigger says of an entry of the log: its number, kind, target and time in microseconds, with a space between.</summary>
internal static class InvalidationPayload
{
    private static readonly long MaxMicroseconds = (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <returns>Null where it is something else: that there are several, that another program speaks, or that a probe was sent.</returns>
    public static Invalidation? TryParse(string payload) =>
        payload.Split(' ') is [var seq, var kind, var target, var at]
        && long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && Enum.TryParse<InvalidationKind>(kind, ignoreCase: true, out var known)
        && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds <= MaxMicroseconds
            ? new Invalidation { Seq = number, Kind = known, Target = target, At = DateTimeOffset.UnixEpoch.AddMicroseconds(microseconds) }
            : null;
}
