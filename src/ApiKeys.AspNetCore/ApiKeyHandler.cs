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
    private static readonly Task<AuthenticateResult> NoResult = Task.FromResult(AuthenticateResult.NoResult());

    private HttpContext _context = null!;
    private Task<AuthenticateResult>? _result;

    public Task InitializeAsync(AuthenticationScheme scheme, HttpContext context)
    {
        _context = context;
        return Task.CompletedTask;
    }

    /// <summary>Once a request, however often it is asked.</summary>
    public Task<AuthenticateResult> AuthenticateAsync() => _result ??= AuthenticateOnceAsync();

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

    private Task<AuthenticateResult> AuthenticateOnceAsync()
    {
        switch (Credentials.Read(_context.Request.Headers, options.Value.HeaderName, out var key))
        {
            case CredentialsFound.None:
                return NoResult;
            case CredentialsFound.Several:
                return Task.FromResult(AuthenticateResult.Fail(ApiKeyRefusal.AmbiguousCredentials(options.Value)));
        }

        var question = new ApiKeyQuestion(key, _context.Connection.RemoteIpAddress);
        var decision = verifier.VerifyAsync(question, _context.RequestAborted);
        return decision.IsCompletedSuccessfully ? ResultOf(decision.Result) : AwaitAsync(decision);
    }

    private async Task<AuthenticateResult> AwaitAsync(ValueTask<ApiKeyDecision> decision) => await ResultOf(await decision);

    /// <summary>What is out of the ordinary is left where the application finds it.</summary>
    private Task<AuthenticateResult> ResultOf(ApiKeyDecision decision)
    {
        if (decision.RefusedIdentity is not null || decision.IsByPreviousSecret)
            _context.Features.Set(decision);

        // A transformation usually adds to the principal that it is given.
        return transformation is NoopClaimsTransformation ? decision.SharedResult : decision.CopyOfResult();
    }
}
