using ApiKeys.AspNetCore;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Http;
using ApiKeys.Server.Http.OpenApi;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Auditing;

internal static class AuditEndpoints
{
    public static void MapAuditEvents(this IEndpointRouteBuilder routes)
    {
        var events = routes.MapManagement("/api/admin/audit-events", "Audit trail");

        events.MapGet("/", ListAuditEvents.HandleAsync).RequireScope(BuiltIn.AuditRead)
            .Audited(AuditActions.AuditRead, AuditTargets.Audit)
            .Describe("ListAuditEvents", "List audit events",
                "Newest first, a page at a time: every change, and every management call that was refused. Never shows a secret.")
            .Answers(400, 401, 403, 429, 503);
    }
}
