namespace ApiKeys.Benchmarks;

/// <summary>What follows a bench's name: <c>--name number</c>, and <c>--quick</c> for a look in a hurry.</summary>
internal sealed class Arguments(IReadOnlyList<string> arguments)
{
    private const string Quick = "--quick";
    private readonly HashSet<string> _known = [Quick];

    public bool IsQuick { get; } = arguments.Contains(Quick);

    public int Number(string name, int otherwise, int quick)
    {
        if (Text(name) is not { } text)
            return IsQuick ? quick : otherwise;

        return int.TryParse(text, out var number) && number > 0 ? number : throw new BenchException($"{name} is a number above 0.");
    }

    public string? Text(string name)
    {
        _known.Add(name);
        for (var i = 0; i < arguments.Count; i++)
            if (arguments[i] == name)
                return i + 1 < arguments.Count ? arguments[i + 1] : throw new BenchException($"{name} lacks its value.");

        return null;
    }

    /// <summary>To be called when all were asked for.</summary>
    public void RefuseOthers()
    {
        for (var i = 0; i < arguments.Count; i += arguments[i] == Quick ? 1 : 2)
            if (!_known.Contains(arguments[i]))
                throw new BenchException($"There is no option {arguments[i]}. There are: {string.Join(' ', _known.Order())}");
    }
}
