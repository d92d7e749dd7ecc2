using Microsoft.Net.Http.Headers;

namespace ApiKeys.Server.Http;

/// <summary>The precondition of a change: only if the thing is still as it was when it was read (RFC 9110 §13.1.1).</summary>
internal static class IfMatch
{
    /// <summary>Says of an endpoint that it heeds the header.</summary>
    public static RouteHandlerBuilder HeedsIfMatch(this RouteHandlerBuilder builder) => builder.WithMetadata(new Heeded());

    internal sealed class Heeded;

    public static string EntityTag(int version) => $"\"{version}\"";

    /// <summary>True where the header is left out, is <c>*</c>, or names this version; what is no entity tag names nothing.</summary>
    public static bool Allows(HttpRequest request, int version)
    {
        var header = request.Headers.IfMatch;
        if (header.Count == 0)
            return true;

        var current = new EntityTagHeaderValue(EntityTag(version));
        return EntityTagHeaderValue.TryParseStrictList(header, out var tags)
            && tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(current, useStrongComparison: true));
    }
}
