using System.Globalization;
using Microsoft.AspNetCore.Mvc;

namespace ApiKeys.Server.Console.Parts;

/// <summary>How the pages say times, numbers and problems.</summary>
internal static class Show
{
    private const string ExactFormat = "yyyy-MM-dd'T'HH:mm:ss.FFF'Z'";

    /// <summary>For programs: RFC 3339.</summary>
    public static string Exact(DateTimeOffset at) => at.UtcDateTime.ToString(ExactFormat, CultureInfo.InvariantCulture);

    /// <summary>For people who want to know exactly: <c>22 Nov 2026, 14:03:07 UTC</c>.</summary>
    public static string ExactUtc(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy, HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    public static string Date(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>As one speaks of it: <c>3 hours ago</c>, <c>in 12 days</c>; beyond a year the date.</summary>
    public static string Relative(DateTimeOffset at, DateTimeOffset now)
    {
        var distance = (now - at).Duration();
        if (distance < TimeSpan.FromMinutes(1))
            return at <= now ? "just now" : "in less than a minute";

        var (minutes, hours, days) = (Whole(distance.TotalMinutes), Whole(distance.TotalHours), Whole(distance.TotalDays));
        var text = minutes < 60 ? Count(minutes, "minute")
            : hours < 24 ? Count(hours, "hour")
            : days < 90 ? Count(days, "day")
            : days < 366 ? Count(Whole(days / 30.44), "month")
            : null;
        return text is null ? Date(at) : at <= now ? $"{text} ago" : $"in {text}";
    }

    private static long Whole(double number) => (long)Math.Round(number, MidpointRounding.AwayFromZero);

    /// <summary><c>1 key</c>, <c>1,200 keys</c>.</summary>
    public static string Count(long number, string one, string? many = null) => $"{Number(number)} {(number == 1 ? one : many ?? one + "s")}";

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>An enum as JSON has it.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => Http.JsonSetup.NameOf(value.ToString());

    /// <summary>By field, as JSON names it.</summary>
    public static IReadOnlyDictionary<string, IEnumerable<string>> Errors(ProblemDetails? problem) =>
        problem?.Extensions.TryGetValue("errors", out var errors) == true && errors is IReadOnlyDictionary<string, IEnumerable<string>> known
            ? known
            : new Dictionary<string, IEnumerable<string>>();

    /// <summary>Whether something is said of a field.</summary>
    public static bool IsWrong(ProblemDetails? problem, string field) => Errors(problem).Keys.Any(name => IsOf(name, field));

    /// <summary>A message about a field, which may begin with the field's name in quotes; a label says it here.</summary>
    public static string WithoutName(string message) =>
        message.StartsWith('\'') && message.IndexOf("' ", StringComparison.Ordinal) is > 0 and var end ? message[(end + 2)..] : message;

    /// <summary>Whether what is said of a part of a field is said of the field: <c>rate_limit.requests</c>, <c>allowed_ips[3]</c>.</summary>
    public static bool IsOf(string name, string field) =>
        name.StartsWith(field, StringComparison.Ordinal) && (name.Length == field.Length || name[field.Length] is '.' or '[');
}
