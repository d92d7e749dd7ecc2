namespace ApiKeys.Server.Catalog;

/// <summary>The scopes and roles that the service itself needs. The configuration cannot change them.</summary>
internal static class BuiltIn
{
    public const string KeysRead = "api-keys:read";
    public const string KeysWrite = "api-keys:write";
    public const string KeysVerify = "api-keys:verify";
    public const string AuditRead = "audit:read";
    public const string MembersRead = "members:read";
    public const string MembersWrite = "members:write";
    public const string OrganizationsRead = "organizations:read";
    public const string OrganizationsWrite = "organizations:write";

    public const string OperatorRole = "operator";

    public static readonly IReadOnlyList<Scope> Scopes =
    [
        new(KeysRead, "List and read API keys", [], IsManagement: true),
        new(KeysWrite, "Create, edit, rotate and revoke API keys", [], IsManagement: true),
        new(KeysVerify, "Ask whether an API key is accepted", []),
        new(AuditRead, "Read the audit trail", [], IsManagement: true),
        new(MembersRead, "List members", [], IsManagement: true),
        new(MembersWrite, "Add, edit and remove members", [], IsManagement: true),
        new(OrganizationsRead, "List organizations", [], IsManagement: true),
        new(OrganizationsWrite, "Create, edit and suspend organizations", [], IsManagement: true),
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
}
