namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>What came about in a run, so that many runs can be seen to have tried everything.</summary>
internal enum Happened
{
    AcceptedFromMemory,
    RefusedFromMemory,
    AcceptedByRead,
    RefusedByRead,
    Unavailable,
    AskedWithoutLease,
    Change,
    Answer,
    AnswerOverTheSilent,
    PendingAnswer,
    CheckedAfterAnswer,
    Registration,
    LeaseLost,
    Fence,
    Acknowledgement,
    AcknowledgementRefused,
    Gap,
    CallFailed,
    NotificationLost,
    Pause,
    CutOff,
    Outage,
    Slowness,
    Crash,
    Stop,
    Trim,
    Restore,
}

internal sealed class Counts
{
    private readonly long[] _counts = new long[Enum.GetValues<Happened>().Length];

    public ref long this[Happened what] => ref _counts[(int)what];

    public void Add(Counts other)
    {
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
    }

    public override string ToString() =>
        string.Join('\n', Enum.GetValues<Happened>().Select(what => $"{what,-22}{_counts[(int)what],14:N0}"));
}
