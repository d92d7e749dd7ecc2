using System.Runtime.CompilerServices;

namespace ApiKeys.Server.Catalog;

/// <summary>The scopes of a key in the order of their names, as answers tell them. Made once for each set, which many keys share.</summary>
internal sealed class OrderedScopes
{
    private static readonly ConditionalWeakTable<IReadOnlySet<string>, OrderedScopes> Known = [];

    private OrderedScopes(IReadOnlySet<string> scopes)
    {
        Names = [.. scopes.Order(StringComparer.Ordinal)];
        Joined = string.Join(' ', Names);
    }

    public IReadOnlyList<string> Names { get; }

    /// <summary>With spaces between.</summary>
    public string Joined { get; }

    public static OrderedScopes Of(IReadOnlySet<string> scopes) => Known.GetValue(scopes, static scopes => new OrderedScopes(scopes));
}
