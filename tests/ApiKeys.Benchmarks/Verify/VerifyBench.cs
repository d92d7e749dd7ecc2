using ApiKeys.Benchmarks.Report;

namespace ApiKeys.Benchmarks.Verify;

/// <summary>
/// What a verification takes in process, without HTTP, in units of one SHA-256 of the same bytes. In each round every operation
/// runs for some milliseconds, one after the other.
/// </summary>
internal static class VerifyBench
{
    private const string Name = "verify";
    private const int Keys = 1_000;
    private const int WarmUpRounds = 40;

    public static Task RunAsync(Arguments arguments, Findings findings, CancellationToken cancellationToken)
    {
        var rounds = arguments.Number("--rounds", otherwise: 300, quick: 50);
        arguments.RefuseOthers();
        using var memory = new RememberedKeys(Keys);
        var sha = Operations.Sha256();
        var (all, hot) = (Operations.Accepted("1,000 keys in turn", memory, Keys), Operations.Accepted("one key", memory, 1));
        List<Operation> garbage = [.. Garbage.Kinds(memory).Select(kind => Operations.Refused(kind.Name, kind.Values, memory))];
        var samples = Measure([sha, all, hot, .. garbage], memory, rounds, cancellationToken);
        if (memory.Reads > 0)
            throw new BenchException($"The database was asked {memory.Reads} times.");

        Tell(findings, samples, sha, [all, hot], garbage);
        return Task.CompletedTask;
    }

    private static Dictionary<Operation, List<Sample>> Measure(
        List<Operation> operations, RememberedKeys memory, int rounds, CancellationToken cancellationToken)
    {
        var samples = operations.ToDictionary(operation => operation, _ => new List<Sample>());
        for (var round = -WarmUpRounds; round < rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            memory.Renew();
            foreach (var operation in operations)
            {
                var sample = operation.Measure();
                if (round >= 0)
                    samples[operation].Add(sample);
            }
        }

        return samples;
    }

    private static void Tell(
        Findings findings, Dictionary<Operation, List<Sample>> samples, Operation sha, List<Operation> good, List<Operation> garbage)
    {
        foreach (var operation in good)
            findings.Add(Name, $"verify, {operation.Name} ÷ SHA-256 of the same", "", Ratio(operation), Goal.AtMost(1.6, stretch: 0.35));

        TellBytes("a verification", good);

        var worst = garbage.MaxBy(operation => Ratio(operation).Median)!;
        findings.Add(Name, $"garbage refused (worst: {worst.Name}) ÷ SHA-256", "", Ratio(worst), Goal.AtMost(0.2));
        TellBytes("a refusal", garbage);

        foreach (var operation in (Operation[])[sha, .. good, .. garbage])
            findings.Add(Name, operation.Name, "ns", Spread.Of([.. samples[operation].Select(sample => sample.Nanoseconds)]));

        Spread Ratio(Operation operation) => Spread.OfRatios(
            samples[operation].Select(sample => sample.Nanoseconds), samples[sha].Select(sample => sample.Nanoseconds));

        void TellBytes(string what, IEnumerable<Operation> operations)
        {
            var most = operations.MaxBy(operation => samples[operation].Max(sample => sample.Bytes))!;
            var bytes = Spread.Of([.. samples[most].Select(sample => sample.Bytes)]);
            findings.Add(Name, $"allocated by {what} (worst: {most.Name})", "B", bytes, Goal.AtMost(0));
        }
    }
}
