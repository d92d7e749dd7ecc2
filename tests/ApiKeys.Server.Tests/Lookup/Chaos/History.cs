using System.Collections.Concurrent;
using System.Diagnostics;

namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>All that was asked and answered, by one clock that nobody sets: how long it was after the beginning.</summary>
internal sealed class History
{
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly ConcurrentQueue<Call> _calls = new();
    private readonly ConcurrentQueue<Cut> _cuts = new();
    private readonly ConcurrentQueue<FaultSpan> _faults = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private int _changesUnderWay;

    public TimeSpan Now => Stopwatch.GetElapsedTime(_began);

    public IReadOnlyList<Call> Calls => [.. _calls];

    public IReadOnlyList<Cut> Cuts => [.. _cuts];

    public IReadOnlyList<FaultSpan> Faults => [.. _faults];

    /// <summary>What nodes had logged when they answered 500.</summary>
    public IReadOnlyList<string> Failures => [.. _failures];

    /// <summary>Whether somebody waits for the answer to a change.</summary>
    public bool IsChanging => Volatile.Read(ref _changesUnderWay) > 0;

    public void BeginChange() => Interlocked.Increment(ref _changesUnderWay);

    public void EndChange() => Interlocked.Decrement(ref _changesUnderWay);

    public void AddFailure(string log) => _failures.Enqueue(log);

    public void Add(Call call) => _calls.Enqueue(call);

    public void Add(Cut cut) => _cuts.Enqueue(cut);

    public void Add(FaultSpan fault) => _faults.Enqueue(fault);
}

/// <summary>A client's request that was answered, or never was.</summary>
/// <param name="Node">Who was asked.</param>
/// <param name="Key">The number of the value that was presented.</param>
/// <param name="Began">A moment before it was sent.</param>
/// <param name="Ended">A moment after the answer was read.</param>
/// <param name="Status">Zero where there was none.</param>
/// <param name="Code">Of the problem.</param>
/// <param name="HasRetryAfter">Whether it said when to come again.</param>
internal sealed record Call(
    string Node, int Key, TimeSpan Began, TimeSpan Ended, int Status, string? Code = null, bool HasRetryAfter = false)
{
    public bool IsAccepted => Status is >= 200 and < 300;

    public bool IsUnavailable => Status == 503 && HasRetryAfter;

    public bool IsUnanswered => Status == 0;

    public override string ToString() => $"{Node} answered {Status} {Code} to key {Key}, {Began.TotalSeconds:0.0000}-{Ended.TotalSeconds:0.0000} s";
}

/// <summary>Something that ends what a key may do, asked for until it was answered with 200.</summary>
/// <param name="Kind">What it takes.</param>
/// <param name="Keys">The values that it ends.</param>
/// <param name="Attempts">Each request, in the order in which they were sent.</param>
internal sealed record Cut(CutKind Kind, IReadOnlyList<int> Keys, IReadOnlyList<Attempt> Attempts)
{
    public TimeSpan Sent => Attempts[0].Sent;

    /// <summary>From when on nobody may accept the keys: the answer 200, or the instant that a 202 named. Null where neither came.</summary>
    public TimeSpan? InForce => Attempts.Min(attempt => attempt.InForce);

    public override string ToString() => $"{Kind}: {string.Join("; ", Attempts)}";

    public bool IsRefusal(Call call) => (call.Status, call.Code) == Kind.Refusal();
}

/// <param name="Node">Who was asked.</param>
/// <param name="Method">Of the request, and its path's last word.</param>
/// <param name="Sent">A moment before.</param>
/// <param name="Ended">A moment after the answer was read.</param>
/// <param name="Status">Zero where there was none.</param>
/// <param name="InForce">From when on, by this answer; null where it promises nothing.</param>
internal sealed record Attempt(string Node, string Method, TimeSpan Sent, TimeSpan Ended, int Status, TimeSpan? InForce)
{
    public TimeSpan Took => Ended - Sent;

    public override string ToString() => $"{Node} {Method} {Status}, {Sent.TotalSeconds:0.0000}-{Ended.TotalSeconds:0.0000} s";
}

/// <param name="Kind">What it was.</param>
/// <param name="Node">Whom it befell; null where it was the database.</param>
/// <param name="Began">A moment before.</param>
/// <param name="Healed">A moment after it was mended.</param>
/// <param name="Back">When all nodes accepted keys again.</param>
internal sealed record FaultSpan(FaultKind Kind, string? Node, TimeSpan Began, TimeSpan Healed, TimeSpan Back)
{
    public override string ToString() => $"{Kind} of {Node ?? "the database"}, {Began.TotalSeconds:0.000}-{Healed.TotalSeconds:0.000} s, back at {Back.TotalSeconds:0.000} s";

    public bool Overlaps(TimeSpan from, TimeSpan to) => from <= Back && to >= Began;
}
