using System.Runtime.CompilerServices;
using System.Security.Claims;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Catalog;
using Microsoft.Extensions.Primitives;

namespace ApiKeys.Server.Verification.Gateway;

/// <summary>
/// Forward authentication: a gateway asks before it passes a request on. The request's own headers hold the key; the gateway says which
/// method and path it is about. The answer is the one that the request itself would get, or 200 and who it is.
/// </summary>
internal static class GatewayAuthorize
{
    public const string Path = "/gateway/authorize";

    /// <summary>Always there, empty where there is nothing to say: what a gateway copies replaces what a client has sent.</summary>
    public static void Handle(HttpContext context)
    {
        var caller = Callers.GetValue(context.User, static user => new CallerHeaders(user));
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers["X-ApiKeys-Key-Id"] = caller.KeyId;
        headers["X-ApiKeys-Organization"] = caller.Organization;
        headers["X-ApiKeys-Owner"] = caller.Owner;
        headers["X-ApiKeys-Scopes"] = caller.Scopes;
    }

    /// <summary>Made once for all requests with a key, since they share its principal.</summary>
    private static readonly ConditionalWeakTable<ClaimsPrincipal, CallerHeaders> Callers = [];

    private sealed class CallerHeaders(ClaimsPrincipal user)
    {
        public string KeyId { get; } = ValueOf(user, ApiKeyClaimTypes.KeyId);

        public string Organization { get; } = ValueOf(user, ApiKeyClaimTypes.Organization);

        public string Owner { get; } = ValueOf(user, ApiKeyClaimTypes.Owner);

        public string Scopes { get; } =
            string.Join(' ', user.FindAll(ApiKeyClaimTypes.Scope).Select(claim => claim.Value).Order(StringComparer.Ordinal));

        private static string ValueOf(ClaimsPrincipal user, string type) => user.FindFirst(type)?.Value ?? "";
    }

    /// <summary>Asks for one of the scopes that open the original request by the catalog of the moment.</summary>
    internal sealed class Question(LiveCatalog catalog) : IApiKeyQuestionMetadata
    {
        public ApiKeyQuestion Ask(HttpContext context, ApiKeyQuestion question) => question with
        {
            AnyOf = OriginalRequest.TryRead(context.Request, out var method, out var target)
                ? catalog.Current.Endpoints.Opening(method, target)
                : [],
        };
    }
}

/// <summary>
/// Which request a gateway asks about: by <c>X-Original-Method</c> and <c>X-Original-URI</c>, by <c>X-Forwarded-Method</c> and
/// <c>X-Forwarded-Uri</c>, or by the method of the call and what follows in its path. In one of these ways only: of two, one was written
/// by the client.
/// </summary>
internal static class OriginalRequest
{
    public static bool TryRead(HttpRequest request, out string method, out string target)
    {
        var original = (Method: request.Headers["X-Original-Method"], Target: request.Headers["X-Original-URI"]);
        var forwarded = (Method: request.Headers["X-Forwarded-Method"], Target: request.Headers["X-Forwarded-Uri"]);
        var rest = RestOfPath(request);
        (method, target) = ("", "");
        var given = (IsGiven(original) ? 1 : 0) + (IsGiven(forwarded) ? 1 : 0) + (rest.Length > 0 ? 1 : 0);
        if (given != 1)
            return false;

        if (rest.Length > 0)
        {
            (method, target) = (request.Method, rest);
            return true;
        }

        var (methods, targets) = IsGiven(original) ? original : forwarded;
        if (methods is not [{ Length: > 0 } verb] || targets is not [{ Length: > 0 } uri])
            return false;

        (method, target) = (verb, uri);
        return true;
    }

    private static bool IsGiven((StringValues Method, StringValues Target) headers) => headers.Method.Count + headers.Target.Count > 0;

    /// <summary>As it was sent: what routing has decoded is not what the API behind will read.</summary>
    private static string RestOfPath(HttpRequest request)
    {
        var raw = request.HttpContext.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()?.RawTarget ?? "";
        return raw.StartsWith(GatewayAuthorize.Path + "/", StringComparison.Ordinal) ? raw[GatewayAuthorize.Path.Length..] : "";
    }
}
