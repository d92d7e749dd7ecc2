using System.Diagnostics;
using System.Text.Json;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>For what comes about beside the test, in the background of a host or in another process.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task TrueAsync(Func<bool> condition, Func<string> seen)
    {
        var started = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(started.Elapsed < Patience, seen());
            await Task.Delay(5);
        }
    }

    /// <returns>The body of the first answer with this status.</returns>
    public static async Task<JsonElement> AnswersAsync(int status, Func<Task<HttpResponseMessage>> ask)
    {
        var started = Stopwatch.StartNew();
        while (true)
        {
            using var answer = await ask();
            if ((int)answer.StatusCode == status || started.Elapsed >= Patience)
                return await answer.ReadJsonAsync(status);

            await Task.Delay(5);
        }
    }
}
