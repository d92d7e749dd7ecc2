namespace ApiKeys.Benchmarks.List;

/// <param name="Sizes">How many keys each database has; the first is what the others are compared with.</param>
/// <param name="Rounds">How often everything is asked.</param>
/// <param name="Data">A folder for the cluster that stays: what was filled there once is used again. Null for one that is removed.</param>
internal sealed record ListOptions(IReadOnlyList<int> Sizes, int Rounds, string? Data)
{
    private const string Usage = "usage: scripts/bench list [--sizes 1000,100000,1000000] [--rounds 30] [--data FOLDER]";

    public static ListOptions Read(string[] arguments)
    {
        var options = new ListOptions([1_000, 100_000, 1_000_000], 30, null);
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            options = arguments[i] switch
            {
                "--sizes" => options with { Sizes = [.. value.Split(',').Select(Number)] },
                "--rounds" => options with { Rounds = Number(value) },
                "--data" when value.Length > 0 => options with { Data = value },
                _ => throw new BenchException(Usage),
            };
        }

        return options;
    }

    private static int Number(string text) =>
        int.TryParse(text, out var number) && number is >= 1 and <= 10_000_000 ? number : throw new BenchException(Usage);
}
