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
}

/// <param name="KeyId">The key's row.</param>
/// <param name="Limit">What it may in all.</param>
/// <param name="Wanted">By requests that wait.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Want(Guid KeyId, RateLimit Limit, int Wanted);
