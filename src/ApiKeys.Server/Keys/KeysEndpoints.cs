using ApiKeys.AspNetCore;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Http;
using ApiKeys.Server.Http.OpenApi;

namespace ApiKeys.Server.Keys;

internal static class KeysEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/api/admin/api-keys")
            .WithTags("API keys")
            .AddEndpointFilterFactory(ValidationFilter.Create);

        keys.MapPost("/", CreateKey.HandleAsync).RequireScope(BuiltIn.KeysWrite)
            .Describe("CreateKey", "Create an API key", "The answer holds the value, once: it cannot be shown again.")
            .Answers(400, 401, 403, 413, 415, 503);

        keys.MapGet("/", ListKeys.HandleAsync).RequireScope(BuiltIn.KeysRead)
            .Describe("ListKeys", "List API keys", "Newest first, a page at a time. Never shows a value.")
            .Answers(400, 401, 403, 503);

        keys.MapGet("/{key_id}", GetKey.HandleAsync).RequireScope(BuiltIn.KeysRead)
            .Describe("GetKey", "Get one API key", "With an ETag that changes whenever an administrator changes the key.")
            .Answers(400, 401, 403, 404, 503);

        keys.MapPost("/{key_id}/rotate", RotateKey.HandleAsync).RequireScope(BuiltIn.KeysWrite)
            .Describe("RotateKey", "Rotate an API key",
                "A new secret under the same key id. The old one goes on working until the grace period ends; an older one ends at once.")
            .Answers(400, 401, 403, 404, 409, 413, 415, 503);

        keys.MapDelete("/{key_id}", RevokeKey.HandleAsync).RequireScope(BuiltIn.KeysWrite)
            .Describe("RevokeKey", "Revoke an API key",
                "For ever, the secret in its grace period included. Doing it again changes nothing and answers the same.")
            .Answers(400, 401, 403, 404, 503);
    }
}
