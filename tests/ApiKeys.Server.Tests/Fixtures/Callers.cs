namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>Everybody who may come to an endpoint of the organization <c>default</c>, each with what he sends.</summary>
internal sealed class Callers(TestServer server)
{
    public const string OtherOrganization = "other";

    private readonly Dictionary<string, string?> _values = [];

    /// <summary>Who is known and refused, with the code he is told.</summary>
    public static readonly IReadOnlyDictionary<string, string> Refused = new Dictionary<string, string>
    {
        ["none"] = "missing_credentials",
        ["unknown"] = "invalid_key",
        ["expired"] = "expired_key",
        ["revoked"] = "revoked_key",
        ["disabled"] = "disabled_key",
    };

    public static readonly string[] Kinds =
        [.. Refused.Keys, "wrong scope", "member", "admin", "other organization's admin", "operator"];

    /// <summary>What an administrator of an organization may do.</summary>
    private static readonly string[] AdminScopes = ["api-keys:read", "api-keys:write", "audit:read", "members:read", "members:write"];

    /// <summary>A member who looks, and touches nothing.</summary>
    private static readonly string[] MemberScopes = ["api-keys:read", "members:read", "incidents:read"];

    public HttpClient ClientOf(string kind) => _values[kind] is { } value ? server.CreateClient(value) : server.CreateClient();

    public string? KeyIdOf(string kind) => _values[kind] is { } value ? value.Split('_')[3].Insert(0, "k_") : null;

    /// <summary>By the rules, not by what the service answers.</summary>
    public static bool Holds(string kind, string? scope) => kind switch
    {
        _ when scope is null => true,
        "wrong scope" => false,
        "member" => MemberScopes.Contains(scope),
        "admin" or "other organization's admin" => AdminScopes.Contains(scope),
        _ => AdminScopes.Contains(scope) || scope.StartsWith("organizations:", StringComparison.Ordinal),
    };

    public async Task CreateAsync()
    {
        await server.AddOrganizationAsync(OtherOrganization);
        await server.AddMemberAsync("member@example.com");
        await server.AddMemberAsync("second@example.com", "admin");

        var expired = await server.CreateKeyAsync(new { name = "Expired", roles = new[] { "operator" }, expires_in_days = 1 });
        server.Clock.Advance(TimeSpan.FromDays(1));
        var revoked = await server.CreateKeyAsync(new { name = "Revoked", roles = new[] { "operator" } });
        var disabled = await server.CreateKeyAsync(new { name = "Disabled", roles = new[] { "operator" } });
        await server.RevokeAsync(revoked.KeyId);
        await server.EditAsync(disabled.KeyId, new { enabled = false });

        _values["none"] = null;
        _values["unknown"] = ApiKeyValue.Generate("sk", KeyEnvironment.Live, KeyIds.Generate()).Reveal();
        _values["expired"] = expired.Value;
        _values["revoked"] = revoked.Value;
        _values["disabled"] = disabled.Value;
        var other = await server.CreateKeyAsync();
        await server.ExecuteSqlAsync($"update api_keys set scopes = array['nothing:opened'] where key_id = {other.KeyId}");
        _values["wrong scope"] = other.Value;
        _values["member"] = (await server.CreateKeyAsync(new { name = "Member", scopes = MemberScopes, owner = "member@example.com" })).Value;
        _values["admin"] = (await server.CreateKeyAsync(new { name = "Admin", roles = new[] { "admin" } })).Value;
        _values["other organization's admin"] = (await server.AddAdministratorAsync(OtherOrganization)).Value;
        _values["operator"] = server.OperatorKey.Value;
    }
}
