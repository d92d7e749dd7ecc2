using ApiKeys.Server.Http;

namespace ApiKeys.Server.Verification.Gateway;

/// <summary>Who may ask for a gateway, and on which port: before anything else is looked at, by the connection itself.</summary>
internal static class GatewayGate
{
    public static void UseGatewayGate(this IApplicationBuilder app)
    {
        var options = app.ApplicationServices.GetRequiredService<GatewayOptions>();
        app.Use((context, next) =>
        {
            var isAsked = context.Request.Path.StartsWithSegments(GatewayAuthorize.Path, StringComparison.OrdinalIgnoreCase);
            if (options.Port is { } port && isAsked != (context.Connection.LocalPort == port))
                return RefuseAsync(context, Problems.NoSuchPath());

            return isAsked && !options.Allows(context.Connection.RemoteIpAddress) ? RefuseAsync(context, Problems.NoGatewayHere()) : next(context);
        });
    }

    private static Task RefuseAsync(HttpContext context, Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult problem)
    {
        Answer.Note(context, problem);
        return problem.ExecuteAsync(context);
    }
}
