using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ApiKeys.Server.Database;

/// <summary>Ready means: the database answers, and its schema is the one of this version.</summary>
internal sealed class DatabaseHealth(IDbContextFactory<ApiKeysDbContext> contexts) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            var pending = await db.Database.GetPendingMigrationsAsync(cancellationToken);
            return pending.Any() ? HealthCheckResult.Unhealthy("The schema is not current.") : HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (DatabaseFaults.IsUnavailable(exception))
        {
            return HealthCheckResult.Unhealthy("The database cannot be reached.");
        }
    }
}
