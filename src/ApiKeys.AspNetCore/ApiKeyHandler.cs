using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace ApiKeys.AspNetCore;

/// <summary>
/// Makes a principal of the key that a request presents, and tells who is refused what to do next. It does by itself what
/// <see cref="AuthenticationHandler{TOptions}"/> would: for each request that one makes a logger, reads its options twice and raises
/// events, which takes longer than the verification.
/// </summary>
internal sealed class ApiKeyHandler(IApiKeyVerifier verifier, IOptions<ApiKeyOptions> options, IClaimsTransformation transformation)
    : IAuthenticationHandler
{
    private HttpContext _context = null!;
    private Task<AuthenticateResult>? _result;

    public Task InitializeAsync(AuthenticationScheme scheme, HttpContext context)
    {
        _context = context;
        return Task.CompletedTask;
    }

    /// <summary>Once a request, however often it is asked. A transformation usually adds to the principal that it is given.</summary>
    public Task<AuthenticateResult> AuthenticateAsync() => _result ??= ApiKeyMiddleware.ResultOf(_context) is { } known
        ? Task.FromResult(known)
        : PresentedKey.AuthenticateAsync(_context, verifier, options.Value, isShared: transformation is NoopClaimsTransformation);

    /// <summary>Status and headers alone, as a policy may have other schemes that come next. <see cref="ApiKeyProblem.WriteAsync"/> does the rest.</summary>
    public async Task ChallengeAsync(AuthenticationProperties? properties)
    {
        var result = await AuthenticateAsync();
        var refusal = result.Failure as ApiKeyRefusal
            ?? (result.Succeeded ? ApiKeyRefusal.NotEnough(options.Value) : ApiKeyRefusal.MissingCredentials(options.Value));
        refusal.SetOn(_context, options.Value);
    }

    /// <summary>Status alone, for the same reason.</summary>
    public Task ForbidAsync(AuthenticationProperties? properties)
    {
        ApiKeyRefusal.Forbidden.SetOn(_context, options.Value);
        return Task.CompletedTask;
    }
}
