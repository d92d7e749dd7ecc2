using System.Runtime.InteropServices;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Verification.RateLimits;

/// <summary>
/// Where the nodes' allowances come from. Of one window it never grants more than the limit, whoever asks at the same time; a grant is
/// durable before it is answered, and which window it is, is told by one clock for all.
/// </summary>
internal interface IAllowanceStore
{
    /// <param name="wants">In the order of their keys, each once.</param>
    /// <param name="cancellationToken">Ends the wait; what was granted then is lost.</param>
    /// <returns>One grant for each, in the same order.</returns>
    Task<IReadOnlyList<Grant>> TakeAsync(IReadOnlyList<Want> wants, CancellationToken cancellationToken);

    /// <summary>What was granted and will not be spent.</summary>
    Task GiveBackAsync(IReadOnlyList<Rest> rests, CancellationToken cancellationToken);
}

/// <param name="KeyId">The key's row.</param>
/// <param name="Limit">What it may in all.</param>
/// <param name="Wanted">By requests that wait; 0 only asks which window it is.</param>
/// <param name="Least">Less than this would serve none of them.</param>
/// <param name="Extra">For requests to come; no more than this.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Want(Guid KeyId, RateLimit Limit, int Wanted, int Least, int Extra);

/// <param name="KeyId">The key's row.</param>
/// <param name="WindowSeconds">The length of its windows.</param>
/// <param name="Window">The number of the one for which it was granted.</param>
/// <param name="Amount">How much of it was not spent.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Rest(Guid KeyId, int WindowSeconds, long Window, int Amount);
