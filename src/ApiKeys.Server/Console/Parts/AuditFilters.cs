using System.Globalization;

namespace ApiKeys.Server.Console.Parts;

/// <summary>Which events an address asks for: that of the page, and that of the export.</summary>
internal sealed class AuditFilters(IQueryCollection query)
{
    public static readonly string[] Names = ["action", "actor", "key_id", "since", "until"];

    /// <summary>As it was typed; null where it was not.</summary>
    public string? this[string name] => query[name].ToString().Trim() is { Length: > 0 } text ? text : null;

    public bool Any => Given.Any();

    /// <summary>The same filters at another address.</summary>
    public string At(string path, string? cursor = null) =>
        path + QueryString.Create(cursor is null ? Given : Given.Append(new("cursor", cursor)));

    public ApiCall Call(string? cursor, int? limit = null) => new("ListAuditEvents")
    {
        Query =
        [
            new("action", this["action"]), new("actor", this["actor"]), new("key_id", this["key_id"]),
            new("since", StartOf(this["since"])), new("until", EndOf(this["until"])),
            new("cursor", cursor), new("limit", limit?.ToString(CultureInfo.InvariantCulture)),
        ],
    };

    private IEnumerable<KeyValuePair<string, string?>> Given =>
        Names.Select(name => new KeyValuePair<string, string?>(name, this[name])).Where(filter => filter.Value is not null);

    /// <summary>A day begins at midnight UTC. What is no day stays as it is: the API takes moments too, and refuses the rest.</summary>
    private static string? StartOf(string? text) => Day(text) is { } day ? Midnight(day) : text;

    /// <summary>And ends where the next begins.</summary>
    private static string? EndOf(string? text) => Day(text) is { } day && day < DateOnly.MaxValue ? Midnight(day.AddDays(1)) : text;

    private static DateOnly? Day(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private static string Midnight(DateOnly day) => day.ToString("yyyy-MM-dd'T00:00:00Z'", CultureInfo.InvariantCulture);
}
