using System.Net.Http.Json;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests;

public sealed class SampleApiTests(TestServer server) : IClassFixture<TestServer>
{
    /// <summary>Every endpoint of the sample, with its scope; none of them exists without.</summary>
    public static TheoryData<string, string, string> Endpoints => new()
    {
        { "GET", "/api/v1/sessions/inv-1", "investigations:read" },
        { "GET", "/api/v1/investigations/inv-1", "investigations:read" },
        { "POST", "/api/v1/investigations/start", "investigations:write" },
        { "POST", "/api/v1/sessions/inv-1/message", "investigations:write" },
        { "GET", "/api/v1/incidents", "incidents:read" },
        { "GET", "/api/v1/incidents/inc-1", "incidents:read" },
        { "GET", "/api/v1/search", "search:read" },
        { "GET", "/api/v1/search/ransomware", "search:read" },
        { "GET", "/api/v1/graph/inc-2", "graph:read" },
    };

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task Each_endpoint_opens_to_its_scope_and_to_no_other(string method, string path, string scope)
    {
        string[] all = ["investigations:read", "investigations:write", "incidents:read", "search:read", "graph:read"];
        using var with = server.CreateClient((await server.CreateKeyAsync(scope)).Value);
        using var without = server.CreateClient((await server.CreateKeyAsync([.. all.Where(other => other != scope)])).Value);

        using var answer = await with.SendAsync(Request());
        Assert.Contains((int)answer.StatusCode, new[] { 200, 400, 404 });
        await without.SendAsync(Request()).ShouldBeProblemAsync(
            403, "insufficient_scope", $"API key does not have the required scope: {scope}",
            $"Bearer error=\"insufficient_scope\", scope=\"{scope}\"");

        HttpRequestMessage Request() => new(new HttpMethod(method), path) { Content = method == "POST" ? Body.Json("{}") : null };
    }

    [Fact]
    public async Task An_investigation_is_started_and_written_to()
    {
        var key = await server.CreateKeyAsync("investigations:read", "investigations:write");
        using var client = server.CreateClient(key.Value);

        using var started = await client.PostAsJsonAsync("/api/v1/investigations/start", new { incident_id = "inc-1" });
        var id = (await started.ReadJsonAsync(201)).Text("id");
        using var written = await client.PostAsJsonAsync($"/api/v1/sessions/{id}/message", new { text = "Isolated the host." });

        var session = await (await client.GetAsync($"/api/v1/sessions/{id}")).ReadJsonAsync(200);
        Assert.Equal(["Isolated the host."], session.Texts("messages"));
        await client.PostAsJsonAsync("/api/v1/investigations/start", new { incident_id = "inc-9" }).ShouldBeInvalidAsync("incident_id");
        await client.PostAsJsonAsync($"/api/v1/sessions/{id}/message", new { }).ShouldBeInvalidAsync("text");
        await client.GetAsync("/api/v1/sessions/inv-999").ShouldBeProblemAsync(404, "not_found");
    }
}
