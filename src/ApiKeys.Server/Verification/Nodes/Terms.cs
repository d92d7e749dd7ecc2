using System.Text.Json;
using ApiKeys.AspNetCore;

namespace ApiKeys.Server.Verification.Nodes;

/// <summary>What an answer is good for, for callers that ask.</summary>
internal sealed class Terms(Node node, Lease lease)
{
    /// <summary>To be read before the question is: what is answered heeds at least these entries of the log.</summary>
    public LogPosition Applied => node.Applied;

    public void Tell(HttpResponse response, ApiKeyDecision decision, LogPosition applied) =>
        response.Headers[LeaseCalls.TermsHeader] = JsonSerializer.Serialize(Of(decision, applied), LeaseJson.Default.AnswerTerms);

    /// <summary>A key with a rate limit is asked for each time, or nobody would count: even where it was let through uncounted, with the database away.</summary>
    private AnswerTerms Of(ApiKeyDecision decision, LogPosition applied)
    {
        var accepted = decision.Identity is not null ? decision.Terms : null;
        var now = lease.DatabaseTime();
        return new AnswerTerms(decision.Outcome, applied)
        {
            MayBeKept = accepted is { IsLimited: false } && now is not null,
            Milliseconds = accepted is { Until: { } until } ? Math.Max(0, (long)(until - now.GetValueOrDefault()).TotalMilliseconds) : null,
            IsForAddress = accepted is { IsForAddress: true },
            IsByPreviousSecret = decision.IsByPreviousSecret,
            SecretNumber = accepted?.SecretNumber ?? 0,
            Policy = decision.RateLimit?.Policy.Name,
            WindowSeconds = decision.RateLimit?.Policy.WindowSeconds,
        };
    }
}
