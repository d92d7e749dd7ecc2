using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Keys;

/// <summary>A total is not always counted in the way its page is found; both have to agree.</summary>
public sealed class ListTotalTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly string[] Filters =
    [
        "", "search=total", "search=TO", "search=t", "search=%C3%BC", "search=f%C3%BC", "search=%F0%9F%94%91", "status=active",
        "status=disabled", "scope=incidents:read", "scope=search:read", "scope=search:read&status=active", "environment=live", "environment=test", "unused_for_days=1", "unused_for_days=3",
        "unused_for_days=3&status=active", "unused_for_days=3&search=total", "expires_within_days=21", "on_previous_secret=true",
    ];

    [Fact]
    public async Task The_total_is_the_number_of_keys_on_all_pages_whatever_is_asked_for()
    {
        await server.AddOrganizationAsync("other");
        using var other = server.CreateClient((await server.AddAdministratorAsync("other")).Value);
        for (var i = 0; i < 6; i++)
            await UseOneAsync(i);

        foreach (var client in new[] { server.Operator, other })
            await ListAsync(client, ""); // a use too, which would else be written while pages are turned

        await server.FlushUsageAsync();

        foreach (var filter in Filters)
        {
            Assert.NotEmpty(await ListAsync(server.Operator, filter));
            await ListAsync(server.Operator, $"{filter}&organization=default");
            await ListAsync(other, filter);
        }
    }

    private async Task UseOneAsync(int index)
    {
        var isEven = index % 2 == 0;
        var key = await server.CreateKeyAsync(new
        {
            name = $"Total {index} für 🔑",
            scopes = new[] { isEven ? "incidents:read" : "search:read" },
            roles = index < 3 ? ["soc_viewer"] : Array.Empty<string>(), // some hold a scope twice
            environment = isEven ? "live" : "test",
            expires_in_days = 20 + index,
        });
        if (index == 3)
            await server.ExecuteSqlAsync($"update api_keys set enabled = false where key_id = {key.KeyId}");

        if (index >= 4)
            await server.RotateAsync(key.KeyId);

        server.Clock.Advance(TimeSpan.FromDays(1));
        await server.CallAsync(key.Value);
    }

    private static async Task<List<string>> ListAsync(HttpClient client, string query)
    {
        var found = new List<string>();
        var totals = new List<int>();
        for (string? cursor = ""; cursor is not null;)
        {
            var url = $"/api/admin/api-keys?limit=2&{query}{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}";
            var page = await (await client.GetAsync(url)).ReadJsonAsync(200);
            found.AddRange(page.GetProperty("api_keys").EnumerateArray().Select(row => row.Text("key_id")!));
            totals.Add(page.GetProperty("total").GetInt32());
            cursor = page.Text("next_cursor");
        }

        Assert.Equal(found.Distinct(), found);
        Assert.All(totals, total => Assert.Equal((query, found.Count), (query, total)));
        return found;
    }
}
