using System.Globalization;
using System.Security.Claims;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Console.Pages;
using ApiKeys.Server.Verification;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace ApiKeys.Server.Console.Sessions;

/// <summary>
/// Lets nobody to the pages who has no session, and judges the key of the session anew at each request: one that is revoked ends
/// its sessions with it.
/// </summary>
internal sealed class SessionGate(RequestDelegate next, SessionVerifier verifier, ConsoleOptions options, TimeProvider time)
{
    public const string Scheme = "Console";
    private const string SecretNumber = "secret_number";
    private const string SignedIn = "signed_in";

    /// <summary>The code of a session that ended by itself, or is unknown.</summary>
    private const string Ended = "session_ended";

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.HasFormContentType)
            await context.Request.ReadFormAsync(context.RequestAborted); // before the key is judged: a slow body shall not outlive it

        var session = await context.AuthenticateAsync(Scheme);
        var decision = session.Succeeded ? await JudgeAsync(context, session.Principal, session.Properties!) : null;
        if (decision?.Identity is { } identity)
        {
            context.User = identity.Principal;
            context.Features.Set(new Session(() => JudgeAsync(context, session.Principal!, session.Properties!)));
            await next(context);
        }
        else if (decision?.Outcome == ApiKeyOutcome.Unavailable)
        {
            await ConsoleSetup.ShowAsync(context, StatusCodes.Status503ServiceUnavailable);
        }
        else
        {
            if (decision is not null)
                await context.SignOutAsync(Scheme);

            if (context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
                await next(context);
            else
                GoToSignIn(context, decision?.Code ?? (session.Failure is null ? null : Ended));
        }
    }

    /// <summary>
    /// Begins a session with a key that was accepted, and ends the one that there was. Its name is new: who has copied the cookie of
    /// another, or planted it, has nothing.
    /// </summary>
    public static async Task BeginAsync(HttpContext context, ApiKeyDecision decision, DateTimeOffset now)
    {
        if ((await context.AuthenticateAsync(Scheme)).Succeeded)
            await context.SignOutAsync(Scheme);

        // The handler of this request goes on with the session whose cookie it has seen; another finds that it is gone.
        await using var scope = context.RequestServices.CreateAsyncScope();
        var handlers = scope.ServiceProvider.GetRequiredService<IAuthenticationHandlerProvider>();
        var handler = (IAuthenticationSignInHandler)(await handlers.GetHandlerAsync(context, Scheme))!;
        await handler.SignInAsync(decision.Identity!.Principal, new AuthenticationProperties
        {
            Items =
            {
                [SecretNumber] = decision.Terms!.SecretNumber.ToString(CultureInfo.InvariantCulture),
                [SignedIn] = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            },
        });
    }

    private ValueTask<ApiKeyDecision> JudgeAsync(HttpContext context, ClaimsPrincipal user, AuthenticationProperties properties)
    {
        var since = DateTimeOffset.FromUnixTimeSeconds(long.Parse(properties.Items[SignedIn]!, CultureInfo.InvariantCulture));
        return time.GetUtcNow() >= since + options.Lifetime
            ? new(ApiKeyDecision.InvalidKey)
            : verifier.VerifyAsync(
                user.FindFirstValue(ApiKeyClaimTypes.KeyId)!, int.Parse(properties.Items[SecretNumber]!, CultureInfo.InvariantCulture),
                context.Connection.RemoteIpAddress, context.RequestAborted);
    }

    /// <summary>What a form was sent to cannot be gone to again without the form.</summary>
    private static void GoToSignIn(HttpContext context, string? code)
    {
        var wanted = HttpMethods.IsGet(context.Request.Method) ? $"{context.Request.Path}{context.Request.QueryString}" : null;
        context.Response.Redirect(SignIn.UrlOf(wanted, code));
    }
}
