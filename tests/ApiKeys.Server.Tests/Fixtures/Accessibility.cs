using Microsoft.Playwright;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>What a program can tell of WCAG 2.2, levels A and AA, in the page as it stands, by what <c>accessibility.js</c> finds.</summary>
internal static class Accessibility
{
    private static readonly string Script = ReadScript();

    /// <returns>Everything that is wrong, each as the rule and the element.</returns>
    public static async Task<string[]> FaultsAsync(this IPage page) => await page.EvaluateAsync<string[]>(Script) ?? [];

    private static string ReadScript()
    {
        using var stream = typeof(Accessibility).Assembly.GetManifestResourceStream("accessibility.js")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
