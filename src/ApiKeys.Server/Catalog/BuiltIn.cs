namespace ApiKeys.Server.Catalog;

/// <summary>
/// The scopes and roles that the service itself needs, which the configuration cannot change, and the plans that there are
/// unless it says otherwise.
/// </summary>
internal static class BuiltIn
{
    public const string KeysRead = "api-keys:read";
    public const string KeysWrite = "api-keys:write";
    public const string KeysVerify = "api-keys:verify";
    public const string SelfRotate = "self:rotate";
    public const string AuditRead = "audit:read";
    public const string MembersRead = "members:read";
    public const string MembersWrite = "members:write";
    public const string OrganizationsRead = "organizations:read";
    public const string OrganizationsWrite = "organizations:write";

    public const string OperatorRole = "operator";

    public static readonly IReadOnlyList<Scope> Scopes =
    [
        new(KeysRead, "List and read API keys", [], ScopeKind.Management),
        new(KeysWrite, "Create, edit, rotate and revoke API keys", [], ScopeKind.Management),
        new(KeysVerify, "Ask whether an API key is accepted", []),
        new(SelfRotate, "Rotate the API key itself", []),
        new(AuditRead, "Read the audit trail", [], ScopeKind.Management),
        new(MembersRead, "List members", [], ScopeKind.Management),
        new(MembersWrite, "Add, edit and remove members", [], ScopeKind.Administration),
        new(OrganizationsRead, "List organizations", [], ScopeKind.Administration),
        new(OrganizationsWrite, "Create, edit and suspend organizations", [], ScopeKind.Administration),
    ];

    /// <summary>What makes an administrator of an organization.</summary>
    public static readonly Role Admin = new(
        "admin", "Administrator of an organization", [KeysRead, KeysWrite, AuditRead, MembersRead, MembersWrite]);

    public static readonly IReadOnlyList<Role> Roles =
    [
        Admin,
        new(OperatorRole, "Administrator of the whole installation", [.. Admin.Scopes, OrganizationsRead, OrganizationsWrite]),
        new("verifier", "A service that checks API keys", [KeysVerify]),
    ];

    public static readonly IReadOnlyList<Plan> Plans =
    [
        new("hobby", 0), new("starter", 1), new("pro", 5), new("ultra", 10), new("enterprise", MaxKeys: null),
    ];
}
