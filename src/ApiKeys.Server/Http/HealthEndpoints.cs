using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ApiKeys.Server.Http;

/// <summary>For load balancers and orchestrators: 200 or 503, and why.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync });
        routes.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = WriteAsync });
    }

    private static Task WriteAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(
        new Report(
            report.Status.ToString().ToLowerInvariant(),
            report.Entries.ToDictionary(check => check.Key, check => check.Value.Description ?? "healthy")),
        context.RequestAborted);

    private sealed record Report(string Status, Dictionary<string, string> Checks);
}
