using System.Runtime.InteropServices;

namespace ApiKeys.Server.Verification.RateLimits;

/// <summary>
/// What this node holds of one key's limit in one window, and what it knows of the rest. The decision is a pure function of it, of the
/// time and of what a request costs; this folder's README says why it holds.
/// </summary>
/// <param name="Window">The number of the window since the Unix epoch.</param>
/// <param name="InHand">Taken by this node, and not spent yet.</param>
/// <param name="Left">Taken by nobody when the database was asked last: it may be less by now, and never more.</param>
/// <param name="EndsAt">A monotonic timestamp that does not come after the window's end by the database's clock.</param>
/// <param name="OverAt">One that does not come before it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Allowance(long Window, int InHand, int Left, long EndsAt, long OverAt)
{
    /// <summary>How much faster or slower this machine's clock may run than the database's: ten times what a quartz does.</summary>
    private const double ClockDrift = 0.0005;

    /// <summary>Nothing is known.</summary>
    public static readonly Allowance None = new(Window: -1, InHand: 0, Left: 0, EndsAt: long.MinValue, OverAt: long.MinValue);

    /// <summary>Whether a request that costs so much is admitted now.</summary>
    public RateVerdict Decide(int cost, long now) =>
        now >= EndsAt ? RateVerdict.Ask
        : cost <= InHand ? RateVerdict.Admit
        : cost > (long)InHand + Left ? RateVerdict.Refuse
        : RateVerdict.Ask;

    /// <summary>After a request that was admitted.</summary>
    public Allowance Spend(int cost) => this with { InHand = InHand - cost };

    /// <summary>With what the database has granted. What was in hand of another window is of no use any more.</summary>
    /// <param name="grant">Its answer.</param>
    /// <param name="sent">A moment before it was asked.</param>
    /// <param name="received">A moment after it answered.</param>
    /// <param name="frequency">Timestamps in a second.</param>
    public Allowance With(Grant grant, long sent, long received, long frequency)
    {
        var untilEnd = grant.UntilEnd.TotalSeconds * frequency;
        return new Allowance(
            grant.Window,
            (grant.Window == Window ? InHand : 0) + grant.Granted,
            grant.Left,
            sent + (long)(untilEnd * (1 - ClockDrift)),
            received + (long)(untilEnd * (1 + ClockDrift)));
    }
}

internal enum RateVerdict
{
    /// <summary>What is in hand does for it.</summary>
    Admit,

    /// <summary>The limit is used up until the window ends.</summary>
    Refuse,

    /// <summary>Only the database knows.</summary>
    Ask,

    /// <summary>The database was asked, and something is wrong that will not pass by itself.</summary>
    Fail,
}

/// <summary>What the database answers a node that wants more.</summary>
/// <param name="Window">The number of the window that it is in, by its own clock.</param>
/// <param name="Granted">Whose the node is from now on: what it wanted and a little more, or what there was.</param>
/// <param name="Left">Nobody's yet.</param>
/// <param name="UntilEnd">Of the window.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Grant(long Window, int Granted, int Left, TimeSpan UntilEnd);
