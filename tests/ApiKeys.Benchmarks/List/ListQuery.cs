namespace ApiKeys.Benchmarks.List;

/// <summary>One question to the list endpoint.</summary>
/// <param name="Name">In the report.</param>
/// <param name="Parameters">The query string without its <c>?</c>, for this database and caller.</param>
internal sealed record ListQuery(string Name, Func<ListTarget, string> Parameters)
{
    public static readonly IReadOnlyList<ListQuery> All =
    [
        new("first page", ""),
        new("hundredth page", target => $"cursor={target.FarCursor}"),
        new("search: common word (20 %)", $"search={SampleKeys.CommonWord}"),
        new("search: middling word (2 %)", $"search={SampleKeys.MiddlingWord}"),
        new("search: rare word (0.03 %)", $"search={SampleKeys.RareWord}"),
        new("search: a name that is there once", $"search={SampleKeys.UniqueName}"),
        new("search: key id", target => $"search={target.SomeKeyId}"),
        new("search: two letters, in names", "search=sp"),
        new("search: two letters, in key ids only", "search=zq"),
        new("search: one letter", "search=x"),
        new("status=active", "status=active"),
        new("status=expired", "status=expired"),
        new("status=revoked", "status=revoked"),
        new("status=disabled", "status=disabled"),
        new("scope: frequent (60 %)", "scope=incidents:read"),
        new("scope: middling (5 %)", "scope=investigations:write"),
        new("scope: rare (0.5 %)", "scope=graph:read"),
        new("environment=live", "environment=live"),
        new("environment=test", "environment=test"),
        new("unused_for_days=90", "unused_for_days=90"),
        new("expires_within_days=30", "expires_within_days=30"),
        new("on_previous_secret=true", "on_previous_secret=true"),
        new("active and a rare scope", "status=active&scope=graph:read"),
        new("active and a rare word", $"status=active&search={SampleKeys.RareWord}"),
        new("test, active and unused", "environment=test&status=active&unused_for_days=90"),
    ];

    private ListQuery(string name, string parameters)
        : this(name, _ => parameters)
    {
    }
}
