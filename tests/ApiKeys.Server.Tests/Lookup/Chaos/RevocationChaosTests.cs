using Xunit.Abstractions;

namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>Whatever befalls three real nodes, two APIs that use the package, and the database: when a change is answered, nobody accepts the key any more.</summary>
[Collection(Alone)]
public sealed class RevocationChaosTests(ITestOutputHelper output)
{
    private const string Alone = "Chaos";

    [Fact]
    public async Task No_node_accepts_a_key_after_its_end_was_answered_whatever_befalls_it_or_the_database()
    {
        var settings = ChaosSettings.Read();
        ChaosReport report;
        try
        {
            report = await ChaosRun.RunAsync(settings);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Seed {settings.Seed}", exception);
        }

        output.WriteLine($"{report}");
        if (settings.ReportFile is { } file)
            await File.WriteAllTextAsync(file, $"{report}");

        Assert.True(report.Violations.Count == 0, $"{report}");
        Assert.All(Enum.GetValues<FaultKind>(), kind => Assert.True(report.UnderWayAt(kind) > 0, $"Nothing was under way at {kind}.\n{report}"));
        Assert.Equal(Enum.GetValues<CutKind>(), report.Cuts.Select(cut => cut.Kind).Distinct().Order());
        Assert.True(report.AskedAfter > report.Cuts.Count * 3, $"Too few asked for keys that had ended.\n{report}");
    }

    /// <summary>It takes times, and both cores: nothing else runs meanwhile.</summary>
    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class RunsAlone;
}
