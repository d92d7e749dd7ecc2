using System.Globalization;
using System.Text.Json;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Console.Parts;

/// <summary>An audit event as the pages show it.</summary>
/// <param name="At">When.</param>
/// <param name="Who">An email, a key id, or words where nobody is named.</param>
/// <param name="Did">Such as <c>rotated the key</c>.</param>
/// <param name="TargetType">Such as <c>api_key</c>.</param>
/// <param name="TargetId">A key id, an email or a slug; null where nothing was named.</param>
/// <param name="Refusal">Why it was refused, as a word; null where it was done.</param>
/// <param name="Organization">The slug of the organization in whose trail it stands; null where nobody knows who called.</param>
/// <param name="KeyId">The key that the call came with; null where nobody knows.</param>
/// <param name="Address">Where the call came from; null where the command line did it.</param>
/// <param name="TraceId">The trace of the request, if it had one.</param>
/// <param name="Changes">What is not as it was.</param>
public sealed record TrailEntry(
    DateTimeOffset At, string Who, string Did, string TargetType, string? TargetId, string? Refusal, string? Organization,
    string? KeyId, string? Address, string? TraceId, IReadOnlyList<TrailChange> Changes)
{
    internal static TrailEntry Of(ListAuditEvents.Event e) => new(
        e.At, AuditWords.Who(e), AuditWords.Did(e), e.Target.Type, e.Target.Id, e.Code?.Replace('_', ' '), e.Organization,
        e.Actor.KeyId, e.Actor.Address, e.TraceId,
        [.. e.Changes.EnumerateObject().Select(TrailChange.Of).Where(change => change.From != change.To)]); // what was nothing and is empty, say
}

/// <summary>One member that changed.</summary>
/// <param name="Name">Such as <c>Rate limit</c>.</param>
/// <param name="From">What it was; null where it was nothing.</param>
/// <param name="To">What it is; null where it is nothing.</param>
public sealed record TrailChange(string Name, string? From, string? To)
{
    internal static TrailChange Of(JsonProperty change) => new(
        Show.Capital(change.Name.Replace('_', ' ')), Text(change.Value, "from"), Text(change.Value, "to"));

    private static string? Text(JsonElement change, string side) =>
        change.TryGetProperty(side, out var value) && Text(value) is { Length: > 0 } text ? text : null;

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.String when value.GetString() is var text => Instants.Parse(text) is { } instant ? Show.ExactUtc(instant) : text!,
        JsonValueKind.Number => value.TryGetInt64(out var number) ? Show.Number(number) : value.GetDouble().ToString(CultureInfo.InvariantCulture),
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Text)),
        _ => string.Join(", ", value.EnumerateObject().Select(member => $"{member.Name.Replace('_', ' ')}: {Text(member.Value)}")),
    };
}
