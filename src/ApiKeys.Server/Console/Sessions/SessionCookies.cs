using Microsoft.AspNetCore.Authentication.Cookies;

namespace ApiKeys.Server.Console.Sessions;

/// <summary>
/// Over TLS a cookie has the prefix <c>__Host-</c>: browsers then take it from this host alone, encrypted, for all paths (RFC 6265bis
/// §4.1.3.2). Over plain HTTP they would refuse that name, so there it has none.
/// </summary>
internal sealed class SessionCookies : ICookieManager
{
    private const string HostPrefix = "__Host-";

    private readonly ChunkingCookieManager _cookies = new();

    public string? GetRequestCookie(HttpContext context, string key) => _cookies.GetRequestCookie(context, NameOf(context, key));

    public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions options) =>
        _cookies.AppendResponseCookie(context, NameOf(context, key), value, options);

    public void DeleteCookie(HttpContext context, string key, CookieOptions options) =>
        _cookies.DeleteCookie(context, NameOf(context, key), options);

    private static string NameOf(HttpContext context, string name) => context.Request.IsHttps ? HostPrefix + name : name;
}
