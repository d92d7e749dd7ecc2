using System.Globalization;
using ApiKeys.Server.Tests.Lookup.Simulation;
using Xunit.Abstractions;

namespace ApiKeys.Server.Tests.Lookup;

/// <summary>
/// The very classes that run in production, over simulated time, database and notifications, in as many different histories as there
/// are seeds. A seed that breaks a rule is named; <c>APIKEYS_SIM_SEED=7 scripts/test --filter RevocationSimulation</c> runs it again and
/// writes down what happened. <c>APIKEYS_SIM_SEEDS</c> is how many are tried.
/// </summary>
public sealed class RevocationSimulationTests(ITestOutputHelper output)
{
    private const int SeedsTried = 100_000;
    private const int SeedsUntilItIsMissed = 100_000;
    private const int SeedsWithoutABackup = 20_000;

    public static TheoryData<string> Broken => [.. BrokenRules.All.Keys];

    [Fact]
    public void No_history_breaks_a_promise()
    {
        if (NumberFrom("APIKEYS_SIM_SEED") is { } seed)
        {
            Replay((ulong)seed, Rules.Production);
            return;
        }

        var seeds = Seeds.Run(Rules.Production, NumberFrom("APIKEYS_SIM_SEEDS") ?? SeedsTried, toTheEnd: true);

        output.WriteLine($"{seeds.Tried:N0} histories\n{seeds.Counts}");
        foreach (var (broken, rule) in seeds.Violations)
            output.WriteLine($"APIKEYS_SIM_SEED={broken}: {rule}");

        Assert.Empty(seeds.Violations);
        Assert.All(Enum.GetValues<Happened>(), what => Assert.True(seeds.Counts[what] > 0, $"{what} never happened"));
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_rule_that_is_taken_away_is_missed(string rule)
    {
        var seeds = Seeds.Run(BrokenRules.All[rule], SeedsUntilItIsMissed, toTheEnd: false);

        output.WriteLine($"{seeds.Tried:N0} histories: {string.Join("; ", seeds.Violations.Select(found => $"{found.Key}: {found.Value}"))}");
        Assert.Contains(seeds.Violations.Values, IsBrokenPromise);
    }

    /// <summary>So that what is taken away together with them is what is missed.</summary>
    [Fact]
    public void What_only_backs_up_another_rule_may_be_taken_away()
    {
        foreach (var rules in (Rules[])[BrokenRules.ExtendsFirst, BrokenRules.KeepsOverLoss])
            Assert.DoesNotContain(Seeds.Run(rules, SeedsWithoutABackup, toTheEnd: true).Violations.Values, IsBrokenPromise);
    }

    [Fact]
    public void A_seed_is_one_history()
    {
        var runs = Enumerable.Range(0, 2).Select(_ => Trace(123, Rules.Production)).ToList();

        Assert.Equal(runs[0], runs[1]);
        Assert.NotEqual(runs[0], Trace(124, Rules.Production));
    }

    /// <summary>S1 to S3; that something takes too long is none.</summary>
    private static bool IsBrokenPromise(string violation) => violation.StartsWith('S');

    private static string Trace(ulong seed, Rules rules)
    {
        var world = new World(seed, rules, isTraced: true);
        world.Run();
        return $"{world.Trace}";
    }

    private static int? NumberFrom(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } number ? int.Parse(number, CultureInfo.InvariantCulture) : null;

    private void Replay(ulong seed, Rules rules)
    {
        var world = new World(seed, rules, isTraced: true);
        var violation = world.Run();
        output.WriteLine($"{world.Trace}\n{world.Counts}");
        Assert.Null(violation);
    }
}
