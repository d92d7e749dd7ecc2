using ApiKeys.Server.Catalog;
using ApiKeys.Server.Model;
using ApiKeys.Server.Organizations;

namespace ApiKeys.Server.Console.Parts;

/// <summary>How the pages say what a plan allows.</summary>
internal static class PlanWords
{
    /// <summary><c>3 of 5 keys</c>, <c>12 keys, no limit</c>, <c>more than 10,000 keys, no limit</c>.</summary>
    public static string Used(KeyCount keys)
    {
        var active = keys.ActiveIsLowerBound ? $"more than {Show.Number(keys.Active)}" : Show.Number(keys.Active);
        return keys.Limit is { } limit
            ? $"{active} of {Show.Count(limit, "key")}"
            : $"{active} {(keys.Active == 1 ? "key" : "keys")}, no limit";
    }

    /// <summary><c>pro: 5 keys</c>.</summary>
    public static string Choice(Plan plan) => $"{plan.Name}: {(plan.MaxKeys is { } limit ? Show.Count(limit, "key") : "no limit")}";

    /// <summary><c>100 requests in 60 seconds</c>.</summary>
    public static string Of(RateLimit limit) => $"{Show.Count(limit.Requests, "request")} in {Show.Count(limit.WindowSeconds, "second")}";
}
