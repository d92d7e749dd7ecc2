using ApiKeys.AspNetCore;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Http;
using ApiKeys.Server.Lookup;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace ApiKeys.Server.Verification.Nodes;

/// <summary>
/// The lease protocol for APIs that remember answers of this service: <see cref="LeaseCalls"/>. They are nodes like any other, and a change waits
/// for them as it waits for nodes. Not part of the documented contract: both ends are the same package.
/// </summary>
internal static class NodeEndpoints
{
    /// <summary>Each change looks at all of them.</summary>
    private const int MaxNodes = 1_000;

    private const int MaxEntries = 10_000;

    public static void MapNodes(this IEndpointRouteBuilder routes)
    {
        var nodes = routes.MapGroup(LeaseCalls.Path).AddEndpointFilter(Answer.NoteProblemAsync).AddEndpointFilter(ForbidCachesAsync).ExcludeFromDescription();
        nodes.MapPut("/{lease:guid}", RegisterAsync).RequireScope(BuiltIn.KeysVerify).WithName("RegisterNode");
        nodes.MapPost($"/{{lease:guid}}/{LeaseCalls.Renewals}", RenewAsync).RequireScope(BuiltIn.KeysVerify).WithName("RenewNode");
        nodes.MapPost($"/{{lease:guid}}/{LeaseCalls.Acknowledgements}", AcknowledgeAsync).RequireScope(BuiltIn.KeysVerify).WithName("AcknowledgeNode");
        nodes.MapDelete("/{lease:guid}", LeaveAsync); // whose key was revoked must be able to
        nodes.MapGet(LeaseCalls.Log, ReadLogAsync).RequireScope(BuiltIn.KeysVerify).WithName("ReadNodeLog");
        nodes.MapGet(LeaseCalls.Events, NodeEvents.Stream).RequireScope(BuiltIn.KeysVerify).WithName("StreamNodeEvents");
        nodes.MapPost(LeaseCalls.Uses, NoteUses.HandleAsync).RequireScope(BuiltIn.KeysVerify).WithName("NoteUses");
    }

    private static async Task<Results<JsonHttpResult<RegisteredLease>, ProblemHttpResult>> RegisterAsync(
        Guid lease, LeaseRegistration registration, HttpContext context, NodeDatabase database, LookupOptions options, IClusterStore all,
        CancellationToken cancellationToken)
    {
        var length = TimeSpan.FromMilliseconds(registration.Milliseconds);
        if (length <= TimeSpan.Zero || length > options.Lease)
            return Problems.Invalid("milliseconds", $"must be from 1 to {options.Lease.TotalMilliseconds}, which is a lease here.");

        if ((await all.LookAsync(cancellationToken)).Leases.Count >= MaxNodes)
            return Problems.TooManyNodes(MaxNodes);

        try
        {
            var time = await StoreOf(database, context).RegisterAsync(lease, length, cancellationToken);
            return TypedResults.Json(new RegisteredLease(time), LeaseJson.Default.RegisteredLease);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return Problems.Conflict(); // sent again by whatever stands between: nobody can tell who has which lease
        }
    }

    private static async Task<Results<JsonHttpResult<Renewal>, ProblemHttpResult>> RenewAsync(
        Guid lease, LeaseRenewal renewal, HttpContext context, NodeDatabase database, CancellationToken cancellationToken) =>
        await StoreOf(database, context).RenewAsync(lease, renewal.Beat, renewal.Acked, renewal.AckedAt?.ToUniversalTime(), cancellationToken) is { } renewed
            ? TypedResults.Json(renewed, LeaseJson.Default.Renewal)
            : Problems.NoSuchLease();

    private static async Task<Results<NoContent, ProblemHttpResult>> AcknowledgeAsync(
        Guid lease, AppliedEntry entry, HttpContext context, NodeDatabase database, CancellationToken cancellationToken)
    {
        var applied = new Invalidation { Seq = entry.Seq, Kind = InvalidationKind.Unknown, Target = "", At = entry.At.ToUniversalTime() };
        return await StoreOf(database, context).AcknowledgeAsync(lease, entry.Beat, applied, cancellationToken)
            ? TypedResults.NoContent()
            : Problems.Conflict();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> LeaveAsync(
        Guid lease, HttpContext context, NodeDatabase database, CancellationToken cancellationToken)
    {
        if (CallerOf(context) is null)
            return Problems.NoSuchLease();

        await StoreOf(database, context).LeaveAsync(lease, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<JsonHttpResult<InvalidationLog>> ReadLogAsync(
        long from, int limit, HttpContext context, NodeDatabase database, CancellationToken cancellationToken) =>
        TypedResults.Json(
            await StoreOf(database, context).ReadLogAsync(from, Math.Clamp(limit, 1, MaxEntries), cancellationToken), LeaseJson.Default.InvalidationLog);

    /// <summary>A lease's id stands in paths, and so in logs: with another's key nothing can be done to it.</summary>
    private static PostgresNodeStore StoreOf(NodeDatabase database, HttpContext context) => PostgresNodeStore.ForReader(database, CallerOf(context) ?? "");

    /// <summary>Whose key it is, even if it is not accepted any more.</summary>
    private static string? CallerOf(HttpContext context) =>
        context.User.FindFirst(ApiKeyClaimTypes.KeyId)?.Value ?? context.Features.Get<ApiKeyDecision>()?.RefusedIdentity?.KeyId;

    private static ValueTask<object?> ForbidCachesAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        context.HttpContext.Response.Headers.CacheControl = "no-store";
        return next(context);
    }
}
