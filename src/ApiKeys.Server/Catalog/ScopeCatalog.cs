using System.Collections.Frozen;

namespace ApiKeys.Server.Catalog;

/// <summary>The scopes and roles that keys can hold: the built-in ones, and those of the configuration.</summary>
internal sealed class ScopeCatalog
{
    public ScopeCatalog(IEnumerable<Scope> scopes, IEnumerable<Role> roles)
    {
        Scopes = scopes.ToFrozenDictionary(scope => scope.Name);
        Roles = roles.ToFrozenDictionary(role => role.Name);
    }

    public FrozenDictionary<string, Scope> Scopes { get; }

    public FrozenDictionary<string, Role> Roles { get; }

    /// <summary>All that a key with these may do. What the catalog no longer knows counts for nothing.</summary>
    public FrozenSet<string> Expand(IEnumerable<string> scopes, IEnumerable<string> roles) =>
        scopes.Where(Scopes.ContainsKey)
            .Concat(roles.SelectMany(role => Roles.TryGetValue(role, out var known) ? known.Scopes : []))
            .ToFrozenSet();

    /// <summary>Whether a key that holds these manages something, and therefore belongs to a member.</summary>
    public bool IsAdministration(IEnumerable<string> expanded) =>
        expanded.Any(name => Scopes.TryGetValue(name, out var scope) && scope.IsManagement);
}

/// <summary>One permission.</summary>
/// <param name="Name"><c>resource:action</c>.</param>
/// <param name="Description">For whoever chooses it.</param>
/// <param name="Endpoints">What it opens: a method and a path, in which <c>*</c> stands for one segment.</param>
/// <param name="IsManagement">Whether it is about keys, members and organizations rather than about the product.</param>
internal sealed record Scope(string Name, string Description, IReadOnlyList<string> Endpoints, bool IsManagement = false);

/// <summary>A named bundle of scopes.</summary>
internal sealed record Role(string Name, string Description, IReadOnlyList<string> Scopes);
