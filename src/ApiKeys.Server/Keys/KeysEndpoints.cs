using ApiKeys.AspNetCore;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Http;
using ApiKeys.Server.Http.OpenApi;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Keys;

internal static class KeysEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapManagement("/api/admin/api-keys", "API keys");

        keys.MapPost("/", CreateKey.HandleAsync).RequireScope(BuiltIn.KeysWrite)
            .Audited(AuditActions.KeyCreated, AuditTargets.Key)
            .InTransaction()
            .Idempotent()
            .Describe("CreateKey", "Create an API key", "The answer holds the value, once: it cannot be shown again.")
            .Answers(400, 401, 403, 409, 413, 415, 429, 503);

        keys.MapGet("/", ListKeys.HandleAsync).RequireScope(BuiltIn.KeysRead)
            .Audited(AuditActions.KeysListed, AuditTargets.Key)
            .Describe("ListKeys", "List API keys", "Newest first, a page at a time. Never shows a value.")
            .Answers(400, 401, 403, 429, 503);

        keys.MapGet("/{key_id}", GetKey.HandleAsync).RequireScope(BuiltIn.KeysRead)
            .Audited(AuditActions.KeyRead, AuditTargets.Key, "key_id")
            .Describe("GetKey", "Get one API key", "With an ETag that changes whenever an administrator changes the key.")
            .Answers(400, 401, 403, 404, 429, 503);

        keys.MapGet("/{key_id}/usage", GetKeyUsage.HandleAsync).RequireScope(BuiltIn.KeysRead)
            .Audited(AuditActions.KeyRead, AuditTargets.Key, "key_id")
            .Describe("GetKeyUsage", "Get the use of an API key",
                "When, from where and by which secret: after a rotation, whether anybody uses the old one still.")
            .Answers(400, 401, 403, 404, 429, 503);

        keys.MapPatch("/{key_id}", UpdateKey.HandleAsync).RequireScope(BuiltIn.KeysWrite)
            .Audited(AuditActions.KeyUpdated, AuditTargets.Key, "key_id")
            .KnownToEveryNode()
            .InTransaction()
            .HeedsIfMatch()
            .AcceptsMergePatch<UpdateKey.Request>()
            .Describe("UpdateKey", "Edit an API key",
                "A JSON merge patch (RFC 7396): what is left out stays, and null removes. With `If-Match` it is done only if the key is still "
                + "as it was when it was read. To switch a key off and on again, `enabled`.")
            .Answers(400, 401, 403, 404, 409, 412, 413, 415, 429, 503);

        keys.MapPost("/{key_id}/rotate", RotateKey.HandleAsync).RequireScope(BuiltIn.KeysWrite)
            .Audited(AuditActions.KeyRotated, AuditTargets.Key, "key_id")
            .KnownToEveryNode()
            .InTransaction()
            .Idempotent()
            .Describe("RotateKey", "Rotate an API key",
                "A new secret under the same key id. The old one goes on working until the grace period ends; an older one ends at once.")
            .Answers(400, 401, 403, 404, 409, 413, 415, 429, 503);

        keys.MapDelete("/{key_id}", RevokeKey.HandleAsync).RequireScope(BuiltIn.KeysWrite)
            .Audited(AuditActions.KeyRevoked, AuditTargets.Key, "key_id")
            .KnownToEveryNode()
            .InTransaction()
            .Describe("RevokeKey", "Revoke an API key",
                "For ever, the secret in its grace period included. Doing it again changes nothing and answers the same.")
            .Answers(400, 401, 403, 404, 429, 503);

        var catalog = routes.MapManagement("/api/admin", "Catalog");

        catalog.MapGet("/scopes", ListCatalog.HandleScopes).RequireScope(BuiltIn.KeysRead)
            .Audited(AuditActions.CatalogRead, AuditTargets.Catalog)
            .Describe("ListScopes", "List scopes", "What keys can be given one by one, by name.")
            .Answers(400, 401, 403, 429, 503);

        catalog.MapGet("/roles", ListCatalog.HandleRoles).RequireScope(BuiltIn.KeysRead)
            .Audited(AuditActions.CatalogRead, AuditTargets.Catalog)
            .Describe("ListRoles", "List roles", "The bundles of scopes that keys can be given, by name.")
            .Answers(400, 401, 403, 429, 503);
    }
}
