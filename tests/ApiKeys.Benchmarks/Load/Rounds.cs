using ApiKeys.Benchmarks.Report;

namespace ApiKeys.Benchmarks.Load;

/// <summary>Contenders in turn, round after round; every other round the other way about. What is of one name is one thing.</summary>
/// <param name="seconds">For each contender in each round.</param>
/// <param name="cores">Who runs where.</param>
internal sealed class Rounds(int seconds, Cores cores)
{
    private readonly Dictionary<string, List<LoadSample>> _samples = [];

    /// <summary>
    /// To be called for several processes of each contender, one after the other: what the compiler makes of the same code
    /// differs from process to process by more than most of what is measured.
    /// </summary>
    /// <param name="contenders">Each is warmed up first.</param>
    /// <param name="rounds">How many.</param>
    /// <param name="warmUpSeconds">For each contender; a host that was just started compiles meanwhile.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(IReadOnlyList<Contender> contenders, int rounds, int warmUpSeconds, CancellationToken cancellationToken)
    {
        foreach (var contender in contenders)
        {
            await contender.CheckAsync(cancellationToken);
            await contender.MeasureAsync(warmUpSeconds, cores, cancellationToken);
            _samples.TryAdd(contender.Name, []);
        }

        for (var round = 0; round < rounds; round++)
            foreach (var contender in round % 2 == 0 ? contenders : contenders.Reverse())
                _samples[contender.Name].Add(await contender.MeasureAsync(seconds, cores, cancellationToken));

        foreach (var contender in contenders)
            await contender.CheckAsync(cancellationToken);
    }

    public Spread Of(string contender, Func<LoadSample, double> figure) => Spread.Of([.. _samples[contender].Select(figure)]);

    public Spread Ratio(string contender, string yardstick, Func<LoadSample, double> figure) =>
        Spread.OfRatios(_samples[contender].Select(figure), _samples[yardstick].Select(figure));
}
