namespace ApiKeys.AspNetCore;

/// <summary>
/// Why a request was refused, among its <c>HttpContext.Features</c> from before the answer is written: for logs and metrics. Where a
/// policy has several schemes, another may have answered in the end.
/// </summary>
/// <param name="Code">The <c>code</c> of the problem that it is answered with.</param>
public sealed record ApiKeyRefusalFeature(string Code);
