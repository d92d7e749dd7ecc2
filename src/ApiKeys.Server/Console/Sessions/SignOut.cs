using ApiKeys.Server.Console.Pages;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ApiKeys.Server.Console.Sessions;

/// <summary>Ends the session, here and in the database: a copy of the cookie is worth nothing after it.</summary>
internal static class SignOut
{
    public static void MapSignOut(this IEndpointRouteBuilder routes) => routes
        .MapPost(ConsoleSetup.Path + "/sign-out", (Delegate)HandleAsync)
        .WithMetadata(new RequireAntiforgeryTokenAttribute())
        .ExcludeFromDescription();

    private static async Task<RedirectHttpResult> HandleAsync(HttpContext context)
    {
        await context.SignOutAsync(SessionGate.Scheme);
        return TypedResults.Redirect(SignIn.UrlOf(wanted: null, "out"));
    }
}
