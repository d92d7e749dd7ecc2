using System.Net.Mime;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ApiKeys.AspNetCore;

/// <summary>Makes a principal of the key that a request presents, and tells who is refused what to do next.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<ApiKeyOptions> options, ILoggerFactory logger, UrlEncoder encoder, IApiKeyVerifier verifier)
    : AuthenticationHandler<ApiKeyOptions>(options, logger, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        switch (Credentials.Read(Request.Headers, Options.HeaderName, out var key))
        {
            case CredentialsFound.None:
                return AuthenticateResult.NoResult();
            case CredentialsFound.Several:
                return AuthenticateResult.Fail(ApiKeyRefusal.AmbiguousCredentials(Options));
        }

        var question = new ApiKeyQuestion(key, Context.Connection.RemoteIpAddress);
        var decision = await verifier.VerifyAsync(question, Context.RequestAborted);
        return decision.Identity is { } identity
            ? AuthenticateResult.Success(new AuthenticationTicket(identity.Principal, Scheme.Name))
            : AuthenticateResult.Fail(ApiKeyRefusal.Of(decision.Outcome));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var result = await HandleAuthenticateOnceSafeAsync();
        await RefuseAsync(result.Failure as ApiKeyRefusal ?? ApiKeyRefusal.MissingCredentials(Options));
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var required = Context.GetEndpoint()?.Metadata.GetOrderedMetadata<RequiredScope>() ?? [];
        var missing = required.FirstOrDefault(requirement => !Context.User.HasScope(requirement.Scope));
        return RefuseAsync(missing is null ? ApiKeyRefusal.Forbidden : ApiKeyRefusal.InsufficientScope(missing.Scope));
    }

    private Task RefuseAsync(ApiKeyRefusal refusal)
    {
        Context.Features.Set(new ApiKeyRefusalFeature(refusal.Code));
        Response.StatusCode = refusal.Status;
        if (refusal.Challenge is not null)
            Response.Headers.WWWAuthenticate = refusal.Challenge;

        if (refusal.Status == StatusCodes.Status503ServiceUnavailable)
            Response.Headers.RetryAfter = $"{Options.RetryAfterSeconds}";

        var problem = ApiKeyProblem.Create(refusal.Status, refusal.Code, refusal.Message, refusal.Detail);
        return Response.WriteAsJsonAsync(
            problem, options: null, MediaTypeNames.Application.ProblemJson, Context.RequestAborted);
    }
}
