using System.Net.Http.Json;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Console;

/// <summary>An installation that has been used for a while: keys in every state, of two organizations, with names that pages must bear.</summary>
internal sealed class SampleData
{
    private static readonly string[] Scopes = ["incidents:read", "search:read", "investigations:read"];

    /// <summary>Used every day, and rotated in between.</summary>
    public required IssuedKey Key { get; init; }

    public required IssuedKey Revoked { get; init; }

    /// <summary>An administrator of the organization <c>acme</c>.</summary>
    public required IssuedKey Administrator { get; init; }

    public required string MemberId { get; init; }

    public static async Task<SampleData> CreateAsync(TestServer server)
    {
        await server.AddOrganizationAsync("acme", "pro");
        await server.AddOrganizationAsync("globex", "hobby");
        await server.EditOrganizationAsync("globex", new { suspended = true });
        var administrator = await server.AddAdministratorAsync("acme");
        var member = await server.AddMemberAsync("grace.hopper@acme.example", organization: "acme");
        await server.AddMemberAsync($"{new string('l', 64)}@{string.Join('.', Enumerable.Repeat("very-long-domain", 6))}.example", organization: "acme");

        await AddAsync(server, "Old pager", new { expires_in_days = 1 });
        var revoked = await AddAsync(server, "SOAR, before the move");
        await server.RevokeAsync(revoked.KeyId);
        var disabled = await AddAsync(server, "Nightly report");
        await server.EditAsync(disabled.KeyId, new { enabled = false });
        await AddAsync(server, "Analysts' desk", new { roles = new[] { "soc_analyst" }, organization = "acme", expires_in_days = (int?)null });
        await AddAsync(server, "Data centre", new
        {
            allowed_ips = new[] { "203.0.113.0/24", "2001:db8::/32" },
            rate_limit = new { requests = 600, window_seconds = 60 },
            metadata = new { team = "soc", ticket = "OPS-1432" },
        });
        await AddAsync(server, new string('W', 100), new { description = new string('w', 100), organization = "acme" });
        await AddAsync(server, "\"><img src=x onerror=alert(1)>", new { description = "</script><script>alert(1)</script>", organization = "acme" });

        var key = await AddAsync(server, "SOAR Integration", new { organization = "acme", description = "API key for the playbooks", owner = "grace.hopper@acme.example" });
        var value = await UseAsync(server, key);
        return new() { Key = key with { Value = value }, Revoked = revoked, Administrator = administrator, MemberId = member };
    }

    private static Task<IssuedKey> AddAsync(TestServer server, string name, object? further = null)
    {
        var request = new Dictionary<string, object?> { ["name"] = name, ["scopes"] = Scopes };
        foreach (var property in further?.GetType().GetProperties() ?? [])
            request[property.Name] = property.GetValue(further);

        return server.CreateKeyAsync((object)request);
    }

    /// <summary>For five days, refused now and then.</summary>
    /// <returns>Its value after a rotation; the old one is in use still.</returns>
    private static async Task<string> UseAsync(TestServer server, IssuedKey key)
    {
        var value = key.Value;
        for (var day = 1; day <= 5; day++)
        {
            server.Clock.Advance(TimeSpan.FromDays(1));
            for (var call = 0; call < day * 2; call++)
                await CallAsync(server, value, "/api/v1/incidents");

            await CallAsync(server, value, "/api/v1/graph/INC-1"); // no such scope
            await CallAsync(server, Wrong(value), "/api/v1/incidents");
            if (day == 4)
                value = (await server.RotateAsync(key.KeyId)).Text("api_key")!;
        }

        await CallAsync(server, key.Value, "/api/v1/search");
        using var unknown = await server.Operator.PostAsJsonAsync("/api/admin/api-keys", new { name = "", scopes = Scopes });
        await server.FlushUsageAsync();
        return value;
    }

    private static async Task CallAsync(TestServer server, string value, string path) => (await server.CallAsync(value, path)).Dispose();

    /// <summary>The right key, with a secret that is not its own.</summary>
    private static string Wrong(string value)
    {
        var parts = value.Split('_');
        return ApiKeyValue.Generate(parts[0], KeyEnvironment.Live, $"k_{parts[3]}").Reveal();
    }
}
