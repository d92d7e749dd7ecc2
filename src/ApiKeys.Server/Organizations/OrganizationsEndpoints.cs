using ApiKeys.AspNetCore;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Http;
using ApiKeys.Server.Http.OpenApi;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Organizations;

internal static class OrganizationsEndpoints
{
    public static void MapOrganizations(this IEndpointRouteBuilder routes)
    {
        var organizations = routes.MapManagement("/api/admin/organizations", "Organizations");

        organizations.MapGet("/", ListOrganizations.HandleAsync).RequireScope(BuiltIn.OrganizationsRead)
            .Audited(AuditActions.OrganizationsListed, AuditTargets.Organization)
            .Describe("ListOrganizations", "List organizations", "Newest first, a page at a time. For operators.")
            .Answers(400, 401, 403, 429, 503);

        organizations.MapPost("/", CreateOrganization.HandleAsync).RequireScope(BuiltIn.OrganizationsWrite)
            .Audited(AuditActions.OrganizationCreated, AuditTargets.Organization)
            .InTransaction()
            .Describe("CreateOrganization", "Create an organization", "With neither members nor keys yet. For operators.")
            .Answers(400, 401, 403, 409, 413, 415, 429, 503);

        organizations.MapGet("/{slug}", GetOrganization.HandleAsync).RequireScope(BuiltIn.OrganizationsRead)
            .Audited(AuditActions.OrganizationRead, AuditTargets.Organization, "slug")
            .Describe("GetOrganization", "Get one organization", "With how many keys it has, and how many it may have. For operators.")
            .Answers(400, 401, 403, 404, 429, 503);

        organizations.MapPatch("/{slug}", UpdateOrganization.HandleAsync).RequireScope(BuiltIn.OrganizationsWrite)
            .Audited(AuditActions.OrganizationUpdated, AuditTargets.Organization, "slug")
            .KnownToEveryNode()
            .InTransaction()
            .AcceptsMergePatch<UpdateOrganization.Request>()
            .Describe("UpdateOrganization", "Edit an organization",
                "A JSON merge patch. A lower plan keeps the keys that there are and allows no new ones; a suspension ends the use of all "
                + "keys at once, and resuming brings them back. For operators.")
            .Answers(400, 401, 403, 404, 409, 413, 415, 429, 503);
    }
}
