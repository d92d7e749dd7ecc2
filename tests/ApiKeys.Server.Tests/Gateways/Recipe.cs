using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Gateways;

/// <summary>A page of docs/gateways: what stands between its fences is what the tests run.</summary>
internal sealed class Recipe(string page)
{
    private readonly string[] _lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "gateways", page));

    /// <param name="language">As the fence says it.</param>
    /// <param name="ordinal">Which one of this language.</param>
    public string Block(string language, int ordinal = 0)
    {
        var opening = Enumerable.Range(0, _lines.Length).Where(i => _lines[i] == "```" + language).ElementAt(ordinal);
        return string.Concat(_lines.Skip(opening + 1).TakeWhile(line => line != "```").Select(line => line + "\n"));
    }

    /// <summary>The tables of the page, a line each.</summary>
    public IEnumerable<string> Rows => _lines.Where(line => line.StartsWith('|'));
}

internal static class RecipeText
{
    /// <summary>Puts something in the place of what the page says, which must be there.</summary>
    public static string With(this string recipe, string old, string replacement) =>
        recipe.Contains(old, StringComparison.Ordinal)
            ? recipe.Replace(old, replacement, StringComparison.Ordinal)
            : throw new InvalidOperationException($"The recipe does not say '{old}'.");

    /// <summary>What a reader does who wants the API to see the key.</summary>
    public static string PassingTheKeyOn(this string recipe)
    {
        var lines = recipe.Split('\n').ToList();
        var mark = lines.FindIndex(line => line.TrimEnd().EndsWith("To pass the key on, remove the next two lines.", StringComparison.Ordinal));
        lines.RemoveRange(mark, 3);
        return string.Join('\n', lines);
    }
}
