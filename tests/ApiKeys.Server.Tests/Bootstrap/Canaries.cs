using System.Net.Http.Json;
using ApiKeys.Server.Tests.Fixtures;
using Npgsql;

namespace ApiKeys.Server.Tests.Bootstrap;

/// <summary>Presents values in every way that a client might, right and wrong, and then looks for them wherever something is kept.</summary>
internal sealed class Canaries(HostProcess host, string operatorKey)
{
    private const string Admin = "/api/admin/api-keys";

    private readonly List<string> _values = [operatorKey];

    public async Task ExerciseAsync()
    {
        using var client = await host.CreateClientAsync(operatorKey);
        using var created = await client.PostAsJsonAsync(Admin, new { name = "Canary", scopes = new[] { "incidents:read" } });
        var key = await created.ReadJsonAsync(201);
        var value = Keep(key.Text("api_key")!);
        using var rotated = await client.PostAsJsonAsync($"{Admin}/{key.Text("key_id")}/rotate", new { grace_period_days = 0 });
        var current = Keep((await rotated.ReadJsonAsync(200)).Text("api_key")!);

        // Accepted, ended, cut short, twice, in the wrong place.
        await CallAsync(current, "/api/v1/incidents");
        await CallAsync(value, "/api/v1/incidents");
        await CallAsync(current[..^3], "/api/v1/incidents");
        await CallAsync($"{current},{current}", "/api/v1/incidents");
        await CallAsync(current, $"/api/v1/incidents/{current}");
        await CallAsync(current, $"/api/v1/incidents?api_key={current}");
        await CallAsync(operatorKey, $"{Admin}/{current}");
        await CallAsync(operatorKey, $"{Admin}?search={current}&cursor={current}&limit={current}");
        await RefusedAsync(client, $$"""{"name": "A", "{{current}}": "{{current}}"}""", current);
        await RefusedAsync(client, $$"""{"name": "A", "scopes": ["{{current}}"], "owner": "{{current}}"}""", current);
        await RefusedAsync(client, $$"""{"name": {{current}}""", current);
        await client.DeleteAsync($"{Admin}/{key.Text("key_id")}");
        await CallAsync(current, "/api/v1/incidents");
    }

    public async Task AssertNowhereAsync(DataFolder data)
    {
        var tables = await DumpAsync(data);
        await host.StopAsync();
        var logs = string.Concat(Directory.GetFiles(Path.Combine(data.Path, "logs")).Select(File.ReadAllText));

        Assert.Contains("api_keys", logs, StringComparison.Ordinal); // it did log statements
        Assert.Contains("Canary", tables, StringComparison.Ordinal);
        foreach (var secret in _values.Select(value => value[^49..^10]))
        {
            Assert.DoesNotContain(secret, host.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, logs, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, tables, StringComparison.Ordinal);
        }
    }

    private string Keep(string value)
    {
        _values.Add(value);
        return value;
    }

    private static async Task RefusedAsync(HttpClient client, string body, string value)
    {
        using var answer = await client.PostAsync(Admin, Body.Json(body));
        Assert.DoesNotContain(value[^49..^10], await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(400, (int)answer.StatusCode);
    }

    private async Task CallAsync(string apiKey, string path)
    {
        using var answer = await host.GetAsync(path, apiKey);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.DoesNotContain(apiKey[^49..^10], text, StringComparison.Ordinal);
    }

    private static async Task<string> DumpAsync(DataFolder data)
    {
        var socket = Path.Combine(data.Path, "run");
        await using var source = NpgsqlDataSource.Create($"Host={socket};Username=apikeys;Database=apikeys");
        await using var command = source.CreateCommand(
            "select database_to_xml(true, false, '')::text || (select string_agg(query, ' ') from pg_stat_activity)");
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
