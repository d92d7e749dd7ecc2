using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ApiKeys.Server.Http;

/// <summary>
/// For load balancers and orchestrators: 200 or 503, and why. They stand before authentication, so that nothing that is sent
/// along makes them ask the database.
/// </summary>
internal static class HealthEndpoints
{
    public static void UseHealth(this IApplicationBuilder app)
    {
        app.UseHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync });
        app.UseHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = WriteAsync });
    }

    private static Task WriteAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(
        new Report(
            report.Status.ToString().ToLowerInvariant(),
            report.Entries.ToDictionary(check => check.Key, check => check.Value.Exception is null ? check.Value.Description ?? "healthy" : "failed")),
        context.RequestAborted);

    private sealed record Report(string Status, Dictionary<string, string> Checks);
}
