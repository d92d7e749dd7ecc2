using ApiKeys.Server.Http;
using Microsoft.AspNetCore.Http.Features;

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
            if ((!isAsked && WasMeant(context)) || (options.Port is { } port && isAsked != (context.Connection.LocalPort == port)))
                return Answer.WriteAsync(context, Problems.NoSuchPath());

            return isAsked && !options.Allows(context.Connection.RemoteIpAddress) ? Answer.WriteAsync(context, Problems.NoGatewayHere()) : next(context);
        });
    }

    /// <summary>
    /// What follows in the path is a client's, and by dots it could lead to an endpoint that answers 200 to everybody; which the gateway would
    /// take for the answer to its question.
    /// </summary>
    private static bool WasMeant(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        return target.StartsWith(GatewayAuthorize.Path, StringComparison.OrdinalIgnoreCase)
            && (target.Length == GatewayAuthorize.Path.Length || target[GatewayAuthorize.Path.Length] is '/' or '?');
    }
}
