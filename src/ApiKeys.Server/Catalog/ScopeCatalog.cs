using System.Collections.Frozen;
using System.Text.Json;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Catalog;

/// <summary>The scopes and roles that keys can hold, and the plans of organizations: built in, and from the configuration.</summary>
internal sealed class ScopeCatalog
{
    public ScopeCatalog(IEnumerable<Scope> scopes, IEnumerable<Role> roles, IEnumerable<Plan> plans)
    {
        Scopes = scopes.ToFrozenDictionary(scope => scope.Name);
        Roles = roles.ToFrozenDictionary(role => role.Name);
        Plans = plans.ToFrozenDictionary(plan => plan.Name);
        Endpoints = new EndpointPatterns(Scopes.Values);
        ManagementScopes = [.. Scopes.Values.Where(scope => scope.IsManagement).Select(scope => scope.Name)];
        ManagementRoles = [.. Roles.Values.Where(role => IsAdministration(role.Scopes)).Select(role => role.Name)];
    }

    public FrozenDictionary<string, Scope> Scopes { get; }

    public FrozenDictionary<string, Role> Roles { get; }

    public FrozenDictionary<string, Plan> Plans { get; }

    /// <summary>Which scopes open what.</summary>
    public EndpointPatterns Endpoints { get; }

    public string[] ManagementScopes { get; }

    /// <summary>The roles with at least one management scope.</summary>
    public string[] ManagementRoles { get; }

    /// <summary>Whether it says the same as another one.</summary>
    public bool Says(ScopeCatalog other) => Text == other.Text;

    private string Text => JsonSerializer.Serialize(
        new
        {
            Scopes = Scopes.Values.OrderBy(scope => scope.Name, StringComparer.Ordinal),
            Roles = Roles.Values.OrderBy(role => role.Name, StringComparer.Ordinal),
            Plans = Plans.Values.OrderBy(plan => plan.Name, StringComparer.Ordinal),
        },
        JsonSerializerOptions.Default);

    /// <summary>All that these name. What the catalog no longer knows counts for nothing.</summary>
    public FrozenSet<string> Expand(IEnumerable<string> scopes, IEnumerable<string> roles) =>
        scopes.Where(Scopes.ContainsKey)
            .Concat(roles.SelectMany(role => Roles.TryGetValue(role, out var known) ? known.Scopes : []))
            .ToFrozenSet();

    /// <summary>
    /// All that a key may do now: of what it was granted, a management scope counts only while the key belongs to a member, and
    /// one for administrators only while that member is one.
    /// </summary>
    public FrozenSet<string> Effective(ApiKey key) =>
        Expand(key.Scopes, key.Roles).Where(scope => MayHold(key.Owner?.Role, Scopes[scope].Kind)).ToFrozenSet();

    /// <summary>Whether a key that holds these manages something, and therefore belongs to a member.</summary>
    public bool IsAdministration(IEnumerable<string> expanded) =>
        expanded.Any(name => Scopes.TryGetValue(name, out var scope) && scope.IsManagement);

    /// <summary>Why a key of this member, or of nobody, cannot be given these; null where it can.</summary>
    public string? BeyondOwner(IEnumerable<string> expanded, Member? owner)
    {
        var beyond = expanded.Where(scope => !MayHold(owner?.Role, Scopes[scope].Kind)).Order(StringComparer.Ordinal).ToList();
        return beyond.Count == 0 ? null
            : owner is null ? "is required: a key with management scopes belongs to a member."
            : $"is not an administrator, and only an administrator's key can hold {string.Join(", ", beyond)}.";
    }

    /// <summary>Whether a key of this member, or of nobody, can hold scopes of this kind.</summary>
    public static bool MayHold(MemberRole? owner, ScopeKind kind) => kind switch
    {
        ScopeKind.Product => true,
        ScopeKind.Management => owner is not null,
        _ => owner is MemberRole.Admin,
    };
}

/// <summary>One permission.</summary>
/// <param name="Name"><c>resource:action</c>.</param>
/// <param name="Description">For whoever chooses it.</param>
/// <param name="Endpoints">What it opens: a method and a path, in which <c>*</c> stands for one segment.</param>
/// <param name="Kind">What it is about, and so who may hold it.</param>
internal sealed record Scope(
    string Name, string Description, IReadOnlyList<string> Endpoints, ScopeKind Kind = ScopeKind.Product)
{
    public bool IsManagement => Kind != ScopeKind.Product;
}

internal enum ScopeKind
{
    /// <summary>About the product: for anybody's key.</summary>
    Product,

    /// <summary>About keys: for keys that belong to a member.</summary>
    Management,

    /// <summary>About members and organizations: for keys that belong to an administrator.</summary>
    Administration,
}

/// <summary>A named bundle of scopes.</summary>
internal sealed record Role(string Name, string Description, IReadOnlyList<string> Scopes);

/// <summary>What an organization may have.</summary>
/// <param name="Name">In lowercase.</param>
/// <param name="MaxKeys">How many active keys without a management scope; null for any number.</param>
/// <param name="RateLimit">Of each key, unless the key or its organization says otherwise; null for none.</param>
internal sealed record Plan(string Name, int? MaxKeys, RateLimit? RateLimit = null);
