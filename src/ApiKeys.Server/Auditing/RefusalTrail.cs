using System.Diagnostics;
using System.Threading.RateLimiting;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Auditing;

/// <summary>
/// Writes an audit event of every management call that is refused, before the refusal is answered. A refusal changes nothing,
/// so the event is a transaction of its own; where it cannot be written, the call is refused all the same.
/// </summary>
internal sealed partial class RefusalTrail(
    RequestDelegate next, IDbContextFactory<ApiKeysDbContext> contexts, TimeProvider time, ILogger<RefusalTrail> logger) : IDisposable
{
    private const int MaxTargetLength = 100;

    /// <summary>A minute, of all callers whom nobody knows, and of each key that is accepted no more.</summary>
    private const int MaxOfTheRefused = 60;

    /// <summary>A minute, of each key that is accepted.</summary>
    private const int MaxOfTheAccepted = 600;

    /// <summary>Anybody can be refused as often as he likes, and shall not fill the disk by it.</summary>
    private readonly PartitionedRateLimiter<(string? KeyId, bool IsAccepted)> _limits =
        PartitionedRateLimiter.Create<(string? KeyId, bool IsAccepted), (string?, bool)>(caller => RateLimitPartition.GetFixedWindowLimiter(
            caller,
            _ => new FixedWindowRateLimiterOptions
            {
                PermitLimit = caller.IsAccepted ? MaxOfTheAccepted : MaxOfTheRefused,
                Window = TimeSpan.FromMinutes(1),
            }));

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<AuditedAction>() is { } action)
        {
            var target = action.RouteParameter is { } parameter ? context.GetRouteValue(parameter) as string : null;
            context.Response.OnStarting(() => RecordAsync(context, action, target));
        }

        return next(context);
    }

    public void Dispose() => _limits.Dispose();

    private async Task RecordAsync(HttpContext context, AuditedAction action, string? target)
    {
        if (context.Response.StatusCode is < 400 or > 499 || context.Features.Get<ApiKeyRefusalFeature>() is not { } refusal)
            return;

        var caller = Caller.Known(context);
        using var permit = _limits.AttemptAcquire((caller?.KeyId, IsAccepted(context)));
        if (!permit.IsAcquired)
            return;

        try
        {
            await using var db = await contexts.CreateDbContextAsync(CancellationToken.None);
            var now = time.Now();
            db.AuditEvents.Add(new AuditEvent
            {
                Id = OrderedIds.Next(now),
                At = now,
                OrganizationId = caller is null ? null : await OrganizationOfAsync(db, caller),
                Action = action.Action,
                Outcome = AuditOutcome.Refused,
                Code = refusal.Code,
                ActorKeyId = caller?.KeyId,
                ActorMember = caller?.Member,
                ActorAddress = context.Connection.RemoteIpAddress,
                TargetType = action.TargetType,
                TargetId = Shown(target),
                Changes = Changes.None,
                TraceId = Activity.Current?.TraceId.ToString(),
            });
            await db.SaveChangesAsync(CancellationToken.None);
        }
        catch (Exception exception)
        {
            // Whatever it is: the refusal itself must be answered.
            LogNotWritten(logger, action.Action, refusal.Code, caller?.KeyId ?? "-", exception);
        }
    }

    /// <summary>Whether it is for what it asks that it is refused, and not for its key.</summary>
    private static bool IsAccepted(HttpContext context) => context.User.Identity?.IsAuthenticated == true
        || context.Features.Get<ApiKeyDecision>() is { Outcome: ApiKeyOutcome.InsufficientScope };

    private static async Task<Guid?> OrganizationOfAsync(ApiKeysDbContext db, Caller caller) => await db.Organizations
        .Where(organization => organization.Slug == caller.Organization).Select(organization => (Guid?)organization.Id).SingleOrDefaultAsync();

    /// <summary>It comes out of a path, where a client may have put anything.</summary>
    private static string? Shown(string? target) =>
        target is { Length: <= MaxTargetLength } && TextRules.IsPlain(target) ? Redaction.Of(target) : null;

    [LoggerMessage(400, LogLevel.Warning, "The refusal of {Action} with {Code}, asked by key {KeyId}, could not be written to the audit trail")]
    private static partial void LogNotWritten(ILogger logger, string action, string code, string keyId, Exception exception);
}

/// <summary>What a call of an endpoint asks for, as the audit trail says it.</summary>
/// <param name="Action">One of <see cref="AuditActions"/>.</param>
/// <param name="TargetType">One of <see cref="AuditTargets"/>.</param>
/// <param name="RouteParameter">The part of the path that names what it is asked of, where there is one.</param>
internal sealed record AuditedAction(string Action, string TargetType, string? RouteParameter);

internal static class AuditedActions
{
    public static RouteHandlerBuilder Audited(
        this RouteHandlerBuilder builder, string action, string targetType, string? routeParameter = null) =>
        builder.WithMetadata(new AuditedAction(action, targetType, routeParameter));
}
