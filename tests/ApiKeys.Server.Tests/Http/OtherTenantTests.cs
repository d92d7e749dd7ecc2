using System.Net.Http.Json;
using System.Text.RegularExpressions;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Http;

/// <summary>What belongs to another organization does not exist: the same bytes as for what nobody has.</summary>
public sealed partial class OtherTenantTests(TestServer server) : IClassFixture<TestServer>
{
    [Theory]
    [InlineData("GET", "/api/admin/api-keys/{0}", false)]
    [InlineData("PATCH", "/api/admin/api-keys/{0}", false)]
    [InlineData("POST", "/api/admin/api-keys/{0}/rotate", false)]
    [InlineData("DELETE", "/api/admin/api-keys/{0}", false)]
    [InlineData("PATCH", "/api/admin/members/{0}", true)]
    [InlineData("DELETE", "/api/admin/members/{0}", true)]
    public async Task Anothers_is_answered_like_nobodys(string method, string path, bool isMember)
    {
        var slug = $"tenant-{method}-{isMember}".ToLowerInvariant() + path.Length;
        await server.AddOrganizationAsync(slug);
        using var client = server.CreateClient((await server.AddAdministratorAsync(slug)).Value);
        var ours = isMember ? await server.AddMemberAsync($"{slug}@example.com") : (await server.CreateKeyAsync()).KeyId;
        var nobodys = isMember ? "0198f0c2-0000-7000-8000-000000000000" : "k_000000000000";

        Assert.Equal(await AskAsync(nobodys), await AskAsync(ours));

        async Task<string> AskAsync(string id)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), string.Format(null, path, id));
            if (method is "PATCH" or "POST")
                request.Content = JsonContent.Create(new object());

            using var response = await client.SendAsync(request);
            Assert.Equal(404, (int)response.StatusCode);
            return TraceId.Replace($"{response.Headers}{response.Content.Headers}{await response.Content.ReadAsStringAsync()}", "");
        }
    }

    [GeneratedRegex("\"trace_id\":\"[0-9a-f]{32}\"", RegexOptions.NonBacktracking)]
    private static partial Regex TraceId { get; }
}
