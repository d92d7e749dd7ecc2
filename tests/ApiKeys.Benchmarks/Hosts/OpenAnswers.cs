using ApiKeys.Server.Verification;
using ApiKeys.Server.Verification.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ApiKeys.Benchmarks.Hosts;

/// <summary>What the product's endpoints would answer if every key were accepted: they read what is sent, and answer what stands here.</summary>
internal static class OpenAnswers
{
    private const string KeyId = "k_7Fq2mZ81xY4c";
    private const string Organization = "default";
    private const string Owner = "bench-0198a0d3b1c27e4f9a3c5d6e7f801234@example.com";
    private const string Scopes = KeysHost.Scope + " search:read";
    private static readonly DateTimeOffset ExpiresAt = new(2030, 1, 1, 8, 30, 0, 250, TimeSpan.Zero);

    private static readonly VerifyKey.Response Verified = new()
    {
        Valid = true,
        Code = "valid",
        Detail = null,
        KeyId = KeyId,
        Name = "SOC Splunk Export 42",
        Organization = Organization,
        Owner = Owner,
        Scopes = Scopes.Split(' '),
        Environment = KeyEnvironment.Live,
        ExpiresAt = ExpiresAt,
        Metadata = new Dictionary<string, string>(),
    };

    private static readonly IntrospectToken.Response Introspected = new()
    {
        Active = true,
        Scope = Scopes,
        ClientId = KeyId,
        Username = Owner,
        TokenType = "Bearer",
        Exp = ExpiresAt.ToUnixTimeSeconds(),
        Sub = KeyId,
        Organization = Organization,
    };

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(OpenHost.Verify, (VerifyKey.Request _) => TypedResults.Ok(Verified));
        routes.MapPost(OpenHost.Introspect, async (HttpRequest request) =>
        {
            await request.ReadFormAsync();
            return TypedResults.Ok(Introspected);
        });
        routes.MapGet(GatewayAuthorize.Path, (HttpResponse response) =>
        {
            var headers = response.Headers;
            headers["X-ApiKeys-Key-Id"] = KeyId; // without it the recipe lets nobody through
            headers["X-ApiKeys-Organization"] = Organization;
            headers["X-ApiKeys-Owner"] = Owner;
            headers["X-ApiKeys-Scopes"] = Scopes;
        });
    }
}
