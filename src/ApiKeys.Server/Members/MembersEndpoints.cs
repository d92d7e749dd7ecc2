using ApiKeys.AspNetCore;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Http;
using ApiKeys.Server.Http.OpenApi;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Members;

internal static class MembersEndpoints
{
    public static void MapMembers(this IEndpointRouteBuilder routes)
    {
        var members = routes.MapManagement("/api/admin/members", "Members");

        members.MapGet("/", ListMembers.HandleAsync).RequireScope(BuiltIn.MembersRead)
            .Audited(AuditActions.MembersListed, AuditTargets.Member)
            .Describe("ListMembers", "List members", "Newest first, a page at a time.")
            .Answers(400, 401, 403, 429, 503);

        members.MapPost("/", CreateMember.HandleAsync).RequireScope(BuiltIn.MembersWrite)
            .Audited(AuditActions.MemberCreated, AuditTargets.Member)
            .InTransaction()
            .Describe("CreateMember", "Add a member", "A person. What he may do is in the keys that are made for him.")
            .Answers(400, 401, 403, 409, 413, 415, 429, 503);

        members.MapGet("/{id}", GetMember.HandleAsync).RequireScope(BuiltIn.MembersRead)
            .Audited(AuditActions.MemberRead, AuditTargets.Member, "id")
            .Describe("GetMember", "Get one member")
            .Answers(400, 401, 403, 404, 429, 503);

        members.MapPatch("/{id}", UpdateMember.HandleAsync).RequireScope(BuiltIn.MembersWrite)
            .Audited(AuditActions.MemberUpdated, AuditTargets.Member, "id")
            .KnownToEveryNode()
            .InTransaction()
            .AcceptsMergePatch<UpdateMember.Request>()
            .Describe("UpdateMember", "Edit a member",
                "A JSON merge patch. What only administrators hold, the member's keys lose with the role. "
                + "The last administrator of an organization stays one: 409.")
            .Answers(400, 401, 403, 404, 409, 413, 415, 429, 503);

        members.MapDelete("/{id}", RemoveMember.HandleAsync).RequireScope(BuiltIn.MembersWrite)
            .Audited(AuditActions.MemberRemoved, AuditTargets.Member, "id")
            .KnownToEveryNode()
            .InTransaction()
            .Describe("RemoveMember", "Remove a member",
                "The administration keys that the member owns are revoked; integrations' keys go on working, and belong to the organization "
                + "alone from then on. The last administrator of an organization cannot be removed: 409.")
            .Answers(400, 401, 403, 404, 409, 429, 503);
    }
}
