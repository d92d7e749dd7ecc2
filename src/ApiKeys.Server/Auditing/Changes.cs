using System.Text.Json;
using System.Text.Json.Nodes;
using ApiKeys.Server.Http;

namespace ApiKeys.Server.Auditing;

/// <summary>What differs between two states of a thing: <c>{"name": {"from": "A", "to": "B"}}</c>, in the names of JSON.</summary>
internal static class Changes
{
    public static readonly string None = "{}";

    /// <param name="before">Null where the thing is new.</param>
    /// <param name="after">With the same members as before.</param>
    public static string Between(object? before, object after)
    {
        var (from, to) = (Members(before), Members(after));
        var changes = new JsonObject();
        foreach (var (member, value) in to)
        {
            if (!JsonNode.DeepEquals(from[member], value))
                changes[member] = new JsonObject { ["from"] = from[member]?.DeepClone(), ["to"] = value?.DeepClone() };
        }

        return changes.ToJsonString(JsonSetup.Options);
    }

    private static JsonObject Members(object? state) =>
        state is null ? [] : (JsonObject)JsonSerializer.SerializeToNode(state, JsonSetup.Options)!;
}
