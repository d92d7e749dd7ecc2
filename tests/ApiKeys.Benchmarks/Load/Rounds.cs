using ApiKeys.Benchmarks.Report;

namespace ApiKeys.Benchmarks.Load;

/// <summary>Contenders in turn, round after round; every other round the other way about.</summary>
internal sealed class Rounds
{
    private readonly Dictionary<Contender, List<LoadSample>> _samples;

    private Rounds(IEnumerable<Contender> contenders) =>
        _samples = contenders.ToDictionary(contender => contender, _ => new List<LoadSample>());

    /// <param name="contenders">Each is warmed up first.</param>
    /// <param name="rounds">How many.</param>
    /// <param name="seconds">For each contender in each round.</param>
    /// <param name="warmUpSeconds">For each contender; a host that was just started compiles meanwhile.</param>
    /// <param name="cores">Who runs where.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<Rounds> RunAsync(
        IReadOnlyList<Contender> contenders, int rounds, int seconds, int warmUpSeconds, Cores cores, CancellationToken cancellationToken)
    {
        var result = new Rounds(contenders);
        foreach (var contender in contenders)
        {
            await contender.CheckAsync(cancellationToken);
            await contender.MeasureAsync(warmUpSeconds, cores, cancellationToken);
        }

        for (var round = 0; round < rounds; round++)
            foreach (var contender in round % 2 == 0 ? contenders : contenders.Reverse())
                result._samples[contender].Add(await contender.MeasureAsync(seconds, cores, cancellationToken));

        foreach (var contender in contenders)
            await contender.CheckAsync(cancellationToken);

        return result;
    }

    public Spread Of(Contender contender, Func<LoadSample, double> figure) => Spread.Of([.. _samples[contender].Select(figure)]);

    public Spread Ratio(Contender contender, Contender yardstick, Func<LoadSample, double> figure) =>
        Spread.OfRatios(_samples[contender].Select(figure), _samples[yardstick].Select(figure));
}
