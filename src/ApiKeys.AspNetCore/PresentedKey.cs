using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace ApiKeys.AspNetCore;

/// <summary>From a request to what is decided of the key that it presents; both the scheme and <c>UseApiKeys</c> go this way.</summary>
internal static class PresentedKey
{
    private static readonly Task<AuthenticateResult> NoResult = Task.FromResult(AuthenticateResult.NoResult());

    /// <param name="context">The request.</param>
    /// <param name="verifier">Who decides.</param>
    /// <param name="options">Where a key is presented.</param>
    /// <param name="isShared">Whether the result may be the one that all requests with the key get; else this request gets a copy.</param>
    public static Task<AuthenticateResult> AuthenticateAsync(HttpContext context, IApiKeyVerifier verifier, ApiKeyOptions options, bool isShared)
    {
        switch (Credentials.Read(context.Request.Headers, options.HeaderName, out var key))
        {
            case CredentialsFound.None:
                return NoResult;
            case CredentialsFound.Several:
                return Task.FromResult(AuthenticateResult.Fail(ApiKeyRefusal.AmbiguousCredentials(options)));
        }

        var question = new ApiKeyQuestion(key, context.Connection.RemoteIpAddress);
        if (context.GetEndpoint()?.Metadata.GetOrderedMetadata<IApiKeyQuestionMetadata>() is { } asking) // else the guard alone looks
            for (var i = 0; i < asking.Count; i++)
                question = asking[i].Ask(context, question);

        if (verifier.TryVerify(question, out var known))
            return ResultOf(known, context, isShared);

        var decision = verifier.VerifyAsync(question, context.RequestAborted); // a token that has to be made
        return decision.IsCompletedSuccessfully ? ResultOf(decision.Result, context, isShared) : AwaitAsync(decision, context, isShared);
    }

    private static async Task<AuthenticateResult> AwaitAsync(ValueTask<ApiKeyDecision> decision, HttpContext context, bool isShared) =>
        await ResultOf(await decision, context, isShared);

    /// <summary>What is out of the ordinary is left where the application finds it.</summary>
    private static Task<AuthenticateResult> ResultOf(ApiKeyDecision decision, HttpContext context, bool isShared)
    {
        if (decision.RefusedIdentity is not null || decision.IsByPreviousSecret)
            context.Features.Set(decision);

        if (decision is { RateLimit: { } limit, Identity: not null } && !context.Response.HasStarted)
            limit.SetOn(context.Response);

        return isShared ? decision.SharedResult : decision.CopyOfResult();
    }
}
