using System.Net.Http.Json;
using System.Text.Json;
using ApiKeys.Server.Tests.Fixtures;
using Npgsql;

namespace ApiKeys.Server.Tests.Bootstrap;

/// <summary><c>create-admin</c> is the way back in, whatever has locked everybody out, and while the host runs.</summary>
public sealed class LockOutTests
{
    private const string Keys = "/api/admin/api-keys";

    [Fact]
    public async Task Whoever_has_ended_the_last_administrators_key_gets_back_in()
    {
        var settings = new Dictionary<string, string?> { ["ConnectionStrings:ApiKeys"] = await TestPostgres.CreateDatabaseAsync() };
        await using var host = await HostProcess.StartAsync(settings);
        var key = await CreateAdminAsync(settings);
        using (var client = await host.CreateClientAsync(key))
        {
            using var revoked = await client.PostAsync("/api/v1/me/revoke", content: null);
            await revoked.ReadJsonAsync(200);
        }

        await host.GetAsync(Keys, key).ShouldBeProblemAsync(401, "revoked_key", challenge: Answers.InvalidToken);

        await AssertOperatorAsync(host, await CreateAdminAsync(settings));
    }

    /// <summary>Nobody can do this through the product.</summary>
    [Theory]
    [InlineData("update members set role = 'member'")]
    [InlineData("update api_keys set owner_id = null; delete from members")]
    [InlineData("update api_keys set enabled = false")]
    public async Task Whatever_became_of_the_administrators_one_gets_back_in(string sql)
    {
        var settings = new Dictionary<string, string?> { ["ConnectionStrings:ApiKeys"] = await TestPostgres.CreateDatabaseAsync() };
        await using var host = await HostProcess.StartAsync(settings);
        var key = await CreateAdminAsync(settings);
        await using (var source = NpgsqlDataSource.Create(settings["ConnectionStrings:ApiKeys"]!))
        await using (var command = source.CreateCommand(sql))
            await command.ExecuteNonQueryAsync();

        using (var locked = await host.GetAsync("/api/admin/organizations", key))
            Assert.False(locked.IsSuccessStatusCode);

        await AssertOperatorAsync(host, await CreateAdminAsync(settings));
    }

    private static async Task<string> CreateAdminAsync(Dictionary<string, string?> settings)
    {
        var (exitCode, output) = await HostProcess.RunAsync(settings, "create-admin", "--email", "ada@example.com");
        Assert.Equal(0, exitCode);
        return output.Split('\n')[^1];
    }

    private static async Task AssertOperatorAsync(HostProcess host, string key)
    {
        using var client = await host.CreateClientAsync(key);
        using var organizations = await client.GetAsync("/api/admin/organizations");
        await organizations.ReadJsonAsync(200);
        var me = await client.GetFromJsonAsync<JsonElement>("/api/v1/me");
        Assert.Equal("ada@example.com", me.Text("email"));

        var created = await client.GetFromJsonAsync<JsonElement>($"/api/admin/audit-events?key_id={me.GetProperty("key").Text("key_id")}");
        var actor = created.GetProperty("audit_events")[0].GetProperty("actor");
        Assert.Equal(("key.created", null), (created.GetProperty("audit_events")[0].Text("action"), actor.Text("key_id")));
    }
}
