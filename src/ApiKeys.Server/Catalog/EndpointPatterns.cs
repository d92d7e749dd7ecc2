using System.Diagnostics.CodeAnalysis;

namespace ApiKeys.Server.Catalog;

/// <summary>
/// Which scopes open which method and path: the patterns of the catalog as a tree of segments. In each segment its own text goes before
/// <c>*</c>, so that the most specific pattern wins, and only its scopes count.
/// </summary>
internal sealed class EndpointPatterns
{
    private const string AnySegment = "*";
    private readonly Node _root = new();

    public EndpointPatterns(IEnumerable<Scope> scopes)
    {
        foreach (var scope in scopes)
            foreach (var endpoint in scope.Endpoints)
                Add(endpoint, scope.Name);
    }

    /// <param name="method">As in the request line; a HEAD is opened by what opens the GET (RFC 9110 §9.3.2).</param>
    /// <param name="target">As in the request line.</param>
    /// <returns>One of them is needed; where it is empty, nothing opens it.</returns>
    public IReadOnlyList<string> Opening(string method, string target)
    {
        if (!RequestTarget.TryParse(target, out var segments))
            return [];

        return TryFind(_root, segments, method, out var scopes) ? scopes
            : method == HttpMethods.Head && TryFind(_root, segments, HttpMethods.Get, out scopes) ? scopes
            : [];
    }

    /// <summary>Whether it is a method and a path, in which <c>*</c> stands for one segment.</summary>
    public static bool IsPattern(string text) => TryParse(text, out _, out _);

    private static bool TryParse(string text, out string method, [NotNullWhen(true)] out string[]? segments)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        method = space < 0 ? "" : text[..space];
        segments = null;
        return method.Length > 0 && method.All(char.IsAsciiLetterUpper)
            && !text.AsSpan(space).ContainsAny('?', '#')
            && RequestTarget.TryParse(text[(space + 1)..], out segments);
    }

    private void Add(string endpoint, string scope)
    {
        if (!TryParse(endpoint, out var method, out var segments))
            throw new ArgumentException("Not a pattern.", nameof(endpoint)); // the configuration's rules let none through

        var node = _root;
        foreach (var segment in segments)
            node = node.Children.TryGetValue(segment, out var child) ? child : node.Children[segment] = new Node();

        if (!node.Scopes.TryGetValue(method, out var scopes))
            node.Scopes[method] = scopes = [];

        scopes.Add(scope);
        scopes.Sort(StringComparer.Ordinal);
    }

    /// <summary>As deep as the path is long; of each two ways the more specific one first, and back where it ends nowhere.</summary>
    private static bool TryFind(Node node, ReadOnlySpan<string> segments, string method, [NotNullWhen(true)] out List<string>? scopes)
    {
        scopes = null;
        if (segments.IsEmpty)
            return node.Scopes.TryGetValue(method, out scopes);

        return (node.Children.TryGetValue(segments[0], out var same) && TryFind(same, segments[1..], method, out scopes))
            || (node.Children.TryGetValue(AnySegment, out var any) && TryFind(any, segments[1..], method, out scopes));
    }

    private sealed class Node
    {
        public Dictionary<string, Node> Children { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, List<string>> Scopes { get; } = new(StringComparer.Ordinal);
    }
}
