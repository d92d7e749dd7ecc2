using System.Text.Json;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Auditing;

public sealed class AuditTrailTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task What_was_done_is_in_the_audit_trail_without_a_secret()
    {
        var key = await server.CreateKeyAsync();
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        await server.RotateAsync(key.KeyId);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        await server.Operator.DeleteAsync($"/api/admin/api-keys/{key.KeyId}?reason=leaked");

        var rows = await server.QuerySqlAsync<string>(
            $"select to_jsonb(a) - 'id' - 'organization_id' || '{{}}' as \"Value\" from audit_events a where target_id = {key.KeyId} order by id");

        var events = rows.ConvertAll(row => JsonSerializer.Deserialize<JsonElement>(row));
        Assert.Equal(["key.created", "key.rotated", "key.revoked"], events.Select(e => e.Text("action")));
        Assert.All(events, e =>
        {
            Assert.Equal(server.OperatorKey.KeyId, e.Text("actor_key_id"));
            Assert.Equal("admin@example.com", e.Text("actor_member"));
            Assert.Matches("^[0-9a-f]{32}$", e.Text("trace_id"));
        });
        Assert.Equal("leaked", events[2].GetProperty("changes").GetProperty("reason").Text("to"));
        Assert.DoesNotContain(key.Value[^49..], string.Concat(rows), StringComparison.Ordinal);
    }
}
