using System.Text.Json;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ApiKeys.Server.Tests.Http;

/// <summary>
/// Every endpoint that asks for a key × every kind of caller. The endpoints are those that the host has; one that is new fails
/// here until somebody says how it is called.
/// </summary>
public sealed class AccessMatrixTests(TestServer server) : IClassFixture<TestServer>
{
    /// <summary>A call that is right in everything but perhaps the caller: the path's parameter, and a body that does no harm.</summary>
    private static readonly Dictionary<string, Func<TestServer, Task<Call>>> Calls = new()
    {
        ["CreateKey"] = _ => Of("/api/admin/api-keys", new { name = "A", scopes = new[] { "api-keys:read" } }),
        ["ListKeys"] = _ => Of("/api/admin/api-keys"),
        ["GetKey"] = async s => new($"/api/admin/api-keys/{await KeyAsync(s)}", null, IsOfDefault: true),
        ["GetKeyUsage"] = async s => new($"/api/admin/api-keys/{await KeyAsync(s)}/usage", null, IsOfDefault: true),
        ["UpdateKey"] = async s => new($"/api/admin/api-keys/{await KeyAsync(s)}", new { name = "B" }, IsOfDefault: true),
        ["RotateKey"] = async s => new($"/api/admin/api-keys/{await KeyAsync(s)}/rotate", new { }, IsOfDefault: true),
        ["RevokeKey"] = async s => new($"/api/admin/api-keys/{await KeyAsync(s)}", null, IsOfDefault: true),
        ["ListScopes"] = _ => Of("/api/admin/scopes"),
        ["ListRoles"] = _ => Of("/api/admin/roles"),
        ["ListAuditEvents"] = _ => Of("/api/admin/audit-events"),
        ["ListMembers"] = _ => Of("/api/admin/members"),
        ["CreateMember"] = s => Of("/api/admin/members", new { email = $"{Guid.CreateVersion7(s.Clock.GetUtcNow())}@example.com" }),
        ["GetMember"] = async s => new($"/api/admin/members/{await MemberAsync(s)}", null, IsOfDefault: true),
        ["UpdateMember"] = async s => new($"/api/admin/members/{await MemberAsync(s)}", new { firstname = "B" }, IsOfDefault: true),
        ["RemoveMember"] = async s => new($"/api/admin/members/{await MemberAsync(s)}", null, IsOfDefault: true),
        ["ListOrganizations"] = _ => Of("/api/admin/organizations"),
        ["GetOrganization"] = _ => Of("/api/admin/organizations/default"),
        ["CreateOrganization"] = s => Of("/api/admin/organizations", new { slug = $"o{Guid.CreateVersion7(s.Clock.GetUtcNow()):N}", name = "A", plan = "pro" }),
        ["UpdateOrganization"] = _ => Of("/api/admin/organizations/default", new { name = "Default" }),
        ["GetMe"] = _ => Of("/api/v1/me"),
        ["RevokeMe"] = _ => Of("/api/v1/me/revoke"),
        ["RotateMe"] = _ => Of("/api/v1/me/rotate"),
        ["VerifyKey"] = _ => Of("/api/v1/api-keys/verify", new { api_key = "garbage" }),
        ["IntrospectToken"] = _ => Of("/oauth2/introspect"),
        ["RegisterNode"] = _ => Of($"{Node}", new { milliseconds = 1 }),
        ["RenewNode"] = _ => Of($"{Node}/renewals", new { beat = 1, acked = 0 }),
        ["AcknowledgeNode"] = _ => Of($"{Node}/acknowledgements", new { beat = 1, seq = 1, at = DateTimeOffset.UnixEpoch }),
        ["ReadNodeLog"] = _ => Of("/api/v1/nodes/log?from=0&limit=1"),
        ["StreamNodeEvents"] = _ => Of("/api/v1/nodes/events"),
        ["NoteUses"] = _ => Of("/api/v1/nodes/uses", Array.Empty<object>()),
        ["ListIncidents"] = _ => Of("/api/v1/incidents"),
        ["GetIncident"] = _ => Of("/api/v1/incidents/inc-1"),
        ["Search"] = _ => Of("/api/v1/search"),
        ["SearchPath"] = _ => Of("/api/v1/search/host"),
        ["GetGraph"] = _ => Of("/api/v1/graph/inc-1"),
        ["GetInvestigation"] = async s => new($"/api/v1/investigations/{await InvestigationAsync(s)}", null),
        ["GetSession"] = async s => new($"/api/v1/sessions/{await InvestigationAsync(s)}", null),
        ["StartInvestigation"] = _ => Of("/api/v1/investigations/start", new { incident_id = "inc-1" }),
        ["WriteMessage"] = async s => new($"/api/v1/sessions/{await InvestigationAsync(s)}/message", new { text = "A" }),
    };

    private const string Node = "/api/v1/nodes/0198f0c2-0000-7000-8000-000000000000";

    [Fact]
    public async Task Every_endpoint_lets_in_who_may_and_refuses_everybody_else()
    {
        var callers = new Callers(server);
        await callers.CreateAsync();
        var endpoints = Endpoints();
        Assert.Equal(Calls.Keys.Order(), endpoints.Select(endpoint => endpoint.Name).Order());
        Assert.All(endpoints, endpoint => Assert.Equal(endpoint.IsManagement, endpoint.Action is not null));

        var cells = 0;
        foreach (var endpoint in endpoints)
        {
            foreach (var kind in Callers.Kinds.Where(kind => endpoint.Name != "RevokeMe" || Callers.Refused.ContainsKey(kind)))
            {
                var call = await Calls[endpoint.Name](server);
                server.Clock.Advance(TimeSpan.FromMilliseconds(1));
                using var client = callers.ClientOf(kind);
                using var request = new HttpRequestMessage(new HttpMethod(endpoint.Method), call.Path);
                if (call.Body is not null)
                    request.Content = Body.Json(JsonSerializer.Serialize(call.Body));

                using var response = await client.SendAsync(request);

                var (status, code) = await ReadAsync(response);
                var expected = Expected(endpoint, kind, call);
                Assert.True(expected == (status, code), $"{endpoint.Name} by {kind}: {status} {code} instead of {expected}");
                if (endpoint.IsManagement && code is not null)
                    await ShouldBeAuditedAsync(endpoint, callers.KeyIdOf(kind), kind, code);

                cells++;
            }
        }

        Assert.Equal((Calls.Count * Callers.Kinds.Length) - (Callers.Kinds.Length - Callers.Refused.Count), cells);
    }

    /// <summary>By the rules, not by what the service answers.</summary>
    private static (int Status, string? Code) Expected(Endpoint endpoint, string kind, Call call)
    {
        if (Callers.Refused.TryGetValue(kind, out var code))
            return (401, code);

        if (!Callers.Holds(kind, endpoint.Scope))
            return (403, "insufficient_scope");

        if (call.IsOfDefault && kind == "other organization's admin")
            return (404, "not_found");

        return (200, null);
    }

    /// <summary>Who was refused is named where his key was right, and nobody where it was not.</summary>
    private async Task ShouldBeAuditedAsync(Endpoint endpoint, string? keyId, string kind, string code)
    {
        var refused = (await server.AuditAsync("?limit=5")).Find(e => e.Text("code") == code);
        Assert.True(refused.ValueKind == JsonValueKind.Object, $"{endpoint.Name} by {kind}: no event of {code}");
        Assert.Equal((endpoint.Action, "refused"), (refused.Text("action"), refused.Text("outcome")));
        Assert.Equal(kind is "none" or "unknown" ? null : keyId, refused.GetProperty("actor").Text("key_id"));
        Assert.Equal(kind switch { "none" or "unknown" => null, "other organization's admin" => "other", _ => "default" }, refused.Text("organization"));
    }

    private static async Task<(int Status, string? Code)> ReadAsync(HttpResponseMessage response)
    {
        if (response.IsSuccessStatusCode)
            return (200, null);

        var problem = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
        return ((int)response.StatusCode, problem.Text("code"));
    }

    private List<Endpoint> Endpoints() => [.. server.Services.GetRequiredService<EndpointDataSource>().Endpoints
        .OfType<RouteEndpoint>()
        .Where(endpoint => endpoint.Metadata.Any(item => item is AuthorizationPolicy or IAuthorizeData or RequiredScope))
        .Select(endpoint => new Endpoint(
            endpoint.Metadata.GetMetadata<EndpointNameMetadata>()!.EndpointName,
            IsManagement(endpoint.RoutePattern.RawText!),
            endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Single(),
            endpoint.Metadata.GetMetadata<RequiredScope>()?.Scope,
            endpoint.Metadata.GetMetadata<AuditedAction>()?.Action))];

    private static Task<Call> Of(string path, object? body = null) => Task.FromResult(new Call(path, body));

    private static async Task<string> KeyAsync(TestServer server) => (await server.CreateKeyAsync("api-keys:read")).KeyId;

    private static Task<string> MemberAsync(TestServer server) =>
        server.AddMemberAsync($"{Guid.CreateVersion7(server.Clock.GetUtcNow())}@example.com");

    private static async Task<string> InvestigationAsync(TestServer server)
    {
        var key = await server.CreateKeyAsync("investigations:write");
        using var client = server.CreateClient(key.Value);
        using var started = await client.PostAsync("/api/v1/investigations/start", Body.Json("""{"incident_id": "inc-1"}"""));
        return (await started.ReadJsonAsync(201)).Text("id")!;
    }

    private static bool IsManagement(string route) =>
        route.StartsWith("/api/admin/", StringComparison.Ordinal) || route is "/api/v1/me/revoke" or "/api/v1/me/rotate";

    private sealed record Endpoint(string Name, bool IsManagement, string Method, string? Scope, string? Action);

    /// <param name="Path">With what it names.</param>
    /// <param name="Body">Null for none.</param>
    /// <param name="IsOfDefault">Whether it names something that belongs to the organization default.</param>
    private sealed record Call(string Path, object? Body, bool IsOfDefault = false);
}
