namespace ApiKeys.AspNetCore;

/// <summary>
/// Why a request was refused, among its <c>HttpContext.Features</c> from before the answer is written: for logs and metrics.
/// </summary>
/// <param name="Code">The <c>code</c> of the problem that it is answered with.</param>
public sealed record ApiKeyRefusalFeature(string Code);
