using ApiKeys.AspNetCore;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Http;
using ApiKeys.Server.Lookup;
using Microsoft.AspNetCore.Http.HttpResults;

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
        var nodes = routes.MapGroup(LeaseCalls.Path).AddEndpointFilter(Answer.NoteProblemAsync).ExcludeFromDescription();
        nodes.MapPut("/{lease:guid}", RegisterAsync).RequireScope(BuiltIn.KeysVerify);
        nodes.MapPost($"/{{lease:guid}}/{LeaseCalls.Renewals}", RenewAsync).RequireScope(BuiltIn.KeysVerify);
        nodes.MapPost($"/{{lease:guid}}/{LeaseCalls.Acknowledgements}", AcknowledgeAsync).RequireScope(BuiltIn.KeysVerify);
        nodes.MapDelete("/{lease:guid}", LeaveAsync); // whose key was revoked must be able to, and knows what nobody else does: the lease's id
        nodes.MapGet(LeaseCalls.Log, ReadLogAsync).RequireScope(BuiltIn.KeysVerify);
        nodes.MapGet(LeaseCalls.Events, NodeEvents.Stream).RequireScope(BuiltIn.KeysVerify);
        nodes.MapPost(LeaseCalls.Uses, NoteUses.HandleAsync).RequireScope(BuiltIn.KeysVerify);
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

        var name = context.User.FindFirst(ApiKeyClaimTypes.KeyId)!.Value;
        var time = await PostgresNodeStore.ForReader(database, name).RegisterAsync(lease, length, cancellationToken);
        return TypedResults.Json(new RegisteredLease(time), LeaseJson.Default.RegisteredLease);
    }

    private static async Task<Results<JsonHttpResult<Renewal>, ProblemHttpResult>> RenewAsync(
        Guid lease, LeaseRenewal renewal, NodeDatabase database, CancellationToken cancellationToken) =>
        await StoreOf(database).RenewAsync(lease, renewal.Beat, renewal.Acked, renewal.AckedAt, cancellationToken) is { } renewed
            ? TypedResults.Json(renewed, LeaseJson.Default.Renewal)
            : Problems.NoSuchLease();

    private static async Task<Results<NoContent, ProblemHttpResult>> AcknowledgeAsync(
        Guid lease, AppliedEntry entry, NodeDatabase database, CancellationToken cancellationToken)
    {
        var applied = new Invalidation { Seq = entry.Seq, Kind = InvalidationKind.Unknown, Target = "", At = entry.At };
        return await StoreOf(database).AcknowledgeAsync(lease, entry.Beat, applied, cancellationToken)
            ? TypedResults.NoContent()
            : Problems.Conflict();
    }

    private static async Task<NoContent> LeaveAsync(Guid lease, NodeDatabase database, CancellationToken cancellationToken)
    {
        await StoreOf(database).LeaveAsync(lease, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<JsonHttpResult<InvalidationLog>> ReadLogAsync(
        long from, int limit, NodeDatabase database, CancellationToken cancellationToken) =>
        TypedResults.Json(
            await StoreOf(database).ReadLogAsync(from, Math.Clamp(limit, 1, MaxEntries), cancellationToken), LeaseJson.Default.InvalidationLog);

    /// <summary>Who only has a lease already.</summary>
    private static PostgresNodeStore StoreOf(NodeDatabase database) => PostgresNodeStore.ForReader(database, "");
}
