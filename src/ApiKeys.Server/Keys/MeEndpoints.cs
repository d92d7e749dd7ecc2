using ApiKeys.AspNetCore;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Http;
using ApiKeys.Server.Http.OpenApi;
using ApiKeys.Server.Model;
using Microsoft.AspNetCore.Authorization;

namespace ApiKeys.Server.Keys;

internal static class MeEndpoints
{
    private static readonly AuthorizationPolicy AnyKey = new AuthorizationPolicyBuilder(ApiKeyDefaults.AuthenticationScheme)
        .RequireAuthenticatedUser().Build();

    public static void MapMe(this IEndpointRouteBuilder routes)
    {
        var me = routes.MapManagement("/api/v1/me", "The key itself");

        me.MapGet("/", GetMe.HandleAsync).RequireAuthorization(AnyKey)
            .Describe("GetMe", "Who am I", "The member who owns the key, and the key itself. Works with any key that is accepted.")
            .Answers(400, 401, 403, 404, 429, 503);

        me.MapPost("/revoke", RevokeMe.HandleAsync).RequireAuthorization(AnyKey)
            .Audited(AuditActions.KeyRevoked, AuditTargets.Key)
            .KnownToEveryNode()
            .InTransaction()
            .Describe("RevokeMe", "Revoke the key of this call", "For ever. Works with any key that is accepted.")
            .Answers(400, 401, 403, 404, 429, 503);

        me.MapPost("/rotate", RotateMe.HandleAsync).RequireScope(BuiltIn.SelfRotate)
            .Audited(AuditActions.KeyRotated, AuditTargets.Key)
            .KnownToEveryNode()
            .InTransaction()
            .Idempotent()
            .Describe("RotateMe", "Rotate the key of this call", "A new secret under the same key id. The expiry stands.")
            .Answers(400, 401, 403, 404, 409, 413, 415, 429, 503);
    }
}
