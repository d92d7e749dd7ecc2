using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ApiKeys.Server.Lookup;

/// <summary>Ready means: this node hears of changes, or has found out that notifications do not arrive here and polls.</summary>
internal sealed class NotificationsHealth(Notifications notifications) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(notifications.IsSettled
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("Nobody listens for changes at the moment."));
}
