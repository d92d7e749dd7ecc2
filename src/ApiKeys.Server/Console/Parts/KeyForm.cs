using System.Globalization;
using ApiKeys.Server.Keys;

namespace ApiKeys.Server.Console.Parts;

/// <summary>What somebody filled in of a key, as it was typed, and the request that it makes.</summary>
public sealed class KeyForm
{
    /// <summary>The fields whose errors stand beside them, as JSON names them.</summary>
    internal static readonly string[] Fields =
        ["name", "description", "expires_in_days", "scopes", "roles", "rate_limit", "allowed_ips", "environment", "organization", "owner"];

    internal const string Keep = "keep";
    internal const string Custom = "custom";
    internal const string Never = "never";

    internal string Name { get; init; } = "";

    internal string Description { get; init; } = "";

    /// <summary>Days, or <see cref="Keep"/>, <see cref="Custom"/> or <see cref="Never"/>.</summary>
    internal string Expiry { get; init; } = "";

    /// <summary>With <see cref="Custom"/>: <c>2027-03-31</c>.</summary>
    internal string ExpiryDate { get; init; } = "";

    internal IReadOnlySet<string> Scopes { get; init; } = new HashSet<string>();

    internal IReadOnlySet<string> Roles { get; init; } = new HashSet<string>();

    internal string Requests { get; init; } = "";

    internal string WindowSeconds { get; init; } = "60";

    /// <summary>One a line.</summary>
    internal string AllowedIps { get; init; } = "";

    internal string Environment { get; init; } = "live";

    internal string Organization { get; init; } = "";

    internal string Owner { get; init; } = "";

    internal static KeyForm Of(IFormCollection form) => new()
    {
        Name = form["name"].ToString(),
        Description = form["description"].ToString(),
        Expiry = form["expiry"].ToString(),
        ExpiryDate = form["expiry_date"].ToString(),
        Scopes = form["scopes"].OfType<string>().ToHashSet(),
        Roles = form["roles"].OfType<string>().ToHashSet(),
        Requests = form["requests"].ToString().Trim(),
        WindowSeconds = form["window_seconds"].ToString(),
        AllowedIps = form["allowed_ips"].ToString(),
        Environment = form["environment"].ToString(),
        Organization = form["organization"].ToString(),
        Owner = form["owner"].ToString().Trim(),
    };

    internal static KeyForm Of(KeyResponse key) => new()
    {
        Name = key.Name,
        Description = key.Description ?? "",
        Expiry = Keep,
        Scopes = key.Scopes.ToHashSet(),
        Roles = key.Roles.ToHashSet(),
        Requests = $"{key.RateLimit?.Requests}",
        WindowSeconds = $"{key.RateLimit?.WindowSeconds ?? 60}",
        AllowedIps = string.Join('\n', key.AllowedIps),
    };

    /// <summary>The body of <c>CreateKey</c>.</summary>
    internal Dictionary<string, object?> ToRequest(DateTimeOffset now)
    {
        var request = new Dictionary<string, object?>
        {
            ["name"] = Name,
            ["description"] = OrNull(Description),
            ["expires_in_days"] = ExpiresInDays(now),
            ["scopes"] = Scopes,
            ["roles"] = Roles,
            ["rate_limit"] = RateLimit,
            ["allowed_ips"] = Networks,
            ["environment"] = Environment,
        };
        if (Organization.Length > 0)
            request["organization"] = Organization;

        if (Owner.Length > 0)
            request["owner"] = Owner;

        return request;
    }

    /// <summary>The body of <c>UpdateKey</c>: only what is not as it was. A scope that the catalog has lost can so stay where nobody takes it away.</summary>
    internal Dictionary<string, object?> ToPatch(KeyForm before, DateTimeOffset now)
    {
        var patch = new Dictionary<string, object?>();
        if (Name != before.Name)
            patch["name"] = Name;

        if (Description != before.Description)
            patch["description"] = OrNull(Description);

        if (Expiry != Keep)
            patch["expires_in_days"] = ExpiresInDays(now);

        if (!Scopes.SetEquals(before.Scopes))
            patch["scopes"] = Scopes;

        if (!Roles.SetEquals(before.Roles))
            patch["roles"] = Roles;

        if ((Requests, WindowSeconds) != (before.Requests, before.WindowSeconds))
            patch["rate_limit"] = RateLimit;

        if (!Networks.SequenceEqual(before.Networks))
            patch["allowed_ips"] = Networks;

        return patch;
    }

    /// <summary>Null for a key that never expires; 0, which is refused, for what is no day.</summary>
    private int? ExpiresInDays(DateTimeOffset now) => Expiry switch
    {
        Never => null,
        Custom => DateOnly.TryParseExact(ExpiryDate, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date.DayNumber - DateOnly.FromDateTime(now.UtcDateTime).DayNumber
            : 0,
        _ => int.TryParse(Expiry, NumberStyles.None, CultureInfo.InvariantCulture, out var days) ? days : 0,
    };

    /// <summary>What is no number goes as it is: the endpoint says so.</summary>
    private Dictionary<string, object>? RateLimit => Requests.Length == 0 ? null : new()
    {
        ["requests"] = NumberOrText(Requests),
        ["window_seconds"] = NumberOrText(WindowSeconds),
    };

    private string[] Networks => AllowedIps.Split(['\n', '\r', ',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>What somebody typed as a number, as JSON has it.</summary>
    internal static object NumberOrText(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : text;

    private static string? OrNull(string text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
