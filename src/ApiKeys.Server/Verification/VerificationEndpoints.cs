using ApiKeys.AspNetCore;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Http;
using ApiKeys.Server.Http.OpenApi;
using ApiKeys.Server.Verification.Gateway;
using ApiKeys.Server.Verification.Nodes;

namespace ApiKeys.Server.Verification;

internal static class VerificationEndpoints
{
    public static void MapVerification(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var verification = routes.MapGroup("").WithTags("Verification");

        // Delegates, and not request delegates, of which the document would say nothing.

        verification.MapPost("/api/v1/api-keys/verify", (Delegate)ActivatorUtilities.CreateInstance<VerifyKey>(services).HandleAsync)
            .RequireScope(BuiltIn.KeysVerify)
            .Accepts<VerifyKey.Request>(BufferedBody.Json)
            .Produces<VerifyKey.Response>()
            .Describe("VerifyKey", "Verify an API key",
                "Whether a key that was presented elsewhere is accepted: always 200, unless nobody can tell. With `method` and `path` the key must hold a "
                + "scope that opens them by the catalog.")
            .Answers(400, 401, 403, 413, 415, 429, 503);

        verification.MapPost("/oauth2/introspect", (Delegate)ActivatorUtilities.CreateInstance<IntrospectToken>(services).HandleAsync)
            .RequireScope(BuiltIn.KeysVerify)
            .WithMetadata(new BasicCredentials.Accepted())
            .Accepts<IntrospectToken.Form>(BufferedBody.Form)
            .Produces<IntrospectToken.Response>()
            .Describe("IntrospectToken", "Introspect an API key (RFC 7662)",
                "The form field `token` is the key. The caller's own key comes as everywhere, or by HTTP Basic: key id and value.")
            .Answers(400, 401, 403, 413, 415, 429, 503);

        routes.MapNodes();
        var question = new GatewayAuthorize.Question(services.GetRequiredService<LiveCatalog>());
        foreach (var path in new[] { GatewayAuthorize.Path, $"{GatewayAuthorize.Path}/{{**rest}}" })
            routes.Map(path, GatewayAuthorize.Handle).RequireApiKey()
                .WithMetadata(question, new Utf8Bodies.ReadsNoBody()).ExcludeFromDescription();
    }
}
