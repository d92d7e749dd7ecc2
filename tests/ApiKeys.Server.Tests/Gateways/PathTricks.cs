using System.Text.RegularExpressions;

namespace ApiKeys.Server.Tests.Gateways;

/// <summary>Paths that a gateway, the service and an API may read in different ways.</summary>
internal static partial class PathTricks
{
    public static readonly IReadOnlyList<string> All =
    [
        "/api/v1/incidents/../search",
        "/api/v1/incidents/./../search",
        "/api/v1/incidents/..%2fsearch",
        "/api/v1/incidents/..%2Fsearch",
        "/api/v1/incidents%2f..%2fsearch",
        "/api/v1/incidents/%2e%2e/search",
        "/api/v1/incidents/.%2e/search",
        "/api/v1/incidents/%2e./search",
        "/api/v1/incidents/..\\search",
        "/api/v1/incidents/..%5csearch",
        "/api/v1/incidents\\..\\search",
        "/api/v1/incidents/%252e%252e/search",
        "/api/v1/incidents/%252e%252e%252fsearch",
        "/api/v1/incidents/..;/search",
        "/api/v1/incidents/..;x=y/search",
        "/api/v1/incidents;/../search",
        "/api/v1/incidents;x=/../search",
        "/api/v1/search;x=y",
        "/api/v1/search%3bx=y",
        "/api/v1/incidents#/../search",
        "/api/v1/incidents/7#/../../search",
        "/api/v1/search#/../incidents",
        "//api/v1/search",
        "/api//v1/search",
        "/api/v1//search",
        "/api/v1/search/",
        "/api/v1/search//",
        "//api/v1/incidents/../search",
        "/api/v1/incidents//../search",
        "/api/v1/incidents/../../v1/search",
        "/api/v1/./search",
        "/./api/v1/search",
        "/api/v1/%73earch",
        "/api/v1/s%65arch",
        "/%61pi/v1/search",
        "/api/v1/SEARCH",
        "/api/v1/search%00",
        "/api/v1/incidents%00/../search",
        "/api/v1/search%20",
        "/api/v1/search%09",
        "/api/v1/search%3f",
        "/api/v1/search?/../incidents",
        "/api/v1/search?x=/api/v1/incidents",
        "/api/v1/%69ncidents",
        "/api/v1/incidents/%37",
        "/api/v1/incidents?x=/../search",
        "/api/v1/incidents/?x",
        "/",
        "/gateway/authorize/api/v1/incidents",
        "/_apikeys",
        "/oauth2/introspect",
    ];

    /// <summary>Everything that an API might take for the path, however it was built.</summary>
    public static IEnumerable<string> Readings(string target)
    {
        var path = target.Split('?')[0];
        var decoded = new[] { path, Uri.UnescapeDataString(path), Uri.UnescapeDataString(Uri.UnescapeDataString(path)) };
        var cut = decoded.SelectMany(text => new[] { text, text.Split('#')[0], text.Split('?')[0], text.Split('\0')[0] });
        var plain = cut.SelectMany(text => new[] { text, string.Join('/', text.Split('/').Select(segment => segment.Split(';')[0])) });
        return plain.SelectMany(text => new[] { text, text.Replace('\\', '/') }).SelectMany(text => new[] { Resolve(text, merge: true), Resolve(text, merge: false) }).Distinct();
    }

    /// <summary>Whether the scope <c>incidents:read</c> is for it.</summary>
    public static bool IsIncident(string path) => Incident.IsMatch(path);

    private static string Resolve(string path, bool merge)
    {
        var segments = new Stack<string>();
        foreach (var segment in path.Split('/').Skip(1))
        {
            if (segment == "..")
                segments.TryPop(out _);
            else if (segment != "." && !(merge && segment.Length == 0))
                segments.Push(segment);
        }

        return "/" + string.Join('/', segments.Reverse());
    }

    [GeneratedRegex("^/api/v1/(i|%69)ncidents(/[^/]+)?$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Incident { get; }
}
