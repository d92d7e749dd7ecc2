using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace ApiKeys.Benchmarks.Limits;

/// <summary>Ten times what a key may in a minute, spread evenly over the minute and over the nodes in turn, whatever is answered.</summary>
internal sealed class Overload(ThreeNodes nodes, ApiKeyValue key, int limit)
{
    public const int Times = 10;

    public int Limit => limit;

    /// <summary>How many are sent in a window.</summary>
    public int Requests => limit * Times;

    /// <summary>At the same rate from now on, in whichever window that is.</summary>
    public Task WarmUpAsync(TimeSpan length, CancellationToken cancellationToken) =>
        SendAsync(ClockMinute.Now, length, (int)(Requests * (length.TotalSeconds / ClockMinute.WindowSeconds)), cancellationToken);

    /// <returns>How many were admitted.</returns>
    /// <exception cref="BenchException">Too many, or one cannot tell.</exception>
    public async Task<int> RunAsync(ClockMinute window, CancellationToken cancellationToken)
    {
        var answers = await SendAsync(window.SendingStarts, window.Sending, Requests, cancellationToken);
        if (answers.Any(answer => answer.Sent >= window.End))
            throw new BenchException($"The machine was too slow to send {Requests:N0} requests in a minute.");

        if (answers.Any(answer => answer.IsAdmitted && answer.At >= window.End))
            throw new BenchException($"At {limit:N0}/min a request was admitted so late that one cannot tell in which window.");

        var admitted = answers.Count(answer => answer.IsAdmitted);
        return admitted <= limit ? admitted : throw new BenchException($"Of {limit:N0}/min {admitted:N0} were admitted in one window.");
    }

    private async Task<Answer[]> SendAsync(DateTimeOffset from, TimeSpan length, int count, CancellationToken cancellationToken)
    {
        var answers = new Task<Answer>[count];
        for (var i = 0; i < count; i++)
        {
            await ClockMinute.WaitUntilAsync(from + (length * ((double)i / count)), cancellationToken);
            answers[i] = AskAsync(i % ThreeNodes.Count, cancellationToken);
        }

        return await Task.WhenAll(answers);
    }

    private async Task<Answer> AskAsync(int node, CancellationToken cancellationToken)
    {
        var sent = ClockMinute.Now;
        using var answer = await nodes.AskAsync(node, key, cancellationToken);
        var (at, isAdmitted) = (ClockMinute.Now, answer.StatusCode == HttpStatusCode.OK);
        return isAdmitted || await IsRateLimitedAsync(answer, cancellationToken)
            ? new Answer(sent, at, isAdmitted)
            : throw new BenchException($"At {limit:N0}/min a request was answered with {(int)answer.StatusCode}, and not for the limit.");
    }

    private static async Task<bool> IsRateLimitedAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.StatusCode != HttpStatusCode.TooManyRequests)
            return false;

        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
        return problem.RootElement.GetProperty("code").GetString() == "rate_limited";
    }

    /// <param name="Sent">By the wall clock.</param>
    /// <param name="At">By the wall clock, when it had arrived.</param>
    /// <param name="IsAdmitted">Or refused for the limit.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Answer(DateTimeOffset Sent, DateTimeOffset At, bool IsAdmitted);
}
