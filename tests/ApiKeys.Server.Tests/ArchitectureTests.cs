using System.Text.RegularExpressions;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests;

/// <summary>Who may know whom: docs/ARCHITECTURE.md says why.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string[] Administration = ["Keys", "Members", "Organizations", "Auditing"];
    private static readonly string[] Judgement = ["Verification", "SampleApi"];

    [Fact]
    public void Model_knows_nobody() => AssertKnows("Model");

    [Fact]
    public void Database_knows_Model() => AssertKnows("Database", "Model");

    [Fact]
    public void Catalog_knows_Model() => AssertKnows("Catalog", "Model");

    [Fact]
    public void Lookup_knows_Model_Database_and_Catalog() => AssertKnows("Lookup", "Model", "Database", "Catalog");

    [Fact]
    public void Http_knows_Model_Database_and_Catalog_and_waits_for_nodes() => AssertKnows("Http", "Model", "Database", "Catalog", "Lookup");

    [Fact]
    public void Of_lookup_Http_knows_nothing_but_the_barrier() =>
        Assert.Equal(["KnownEverywhere.cs"], Directory.EnumerateFiles(Path.Combine(Source, "Http"), "*.cs", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains("ApiKeys.Server.Lookup", StringComparison.Ordinal)).Select(Path.GetFileName));

    [Fact]
    public void Administration_and_verification_never_know_each_other()
    {
        Assert.All(Administration, folder => Assert.Empty(KnownBy(folder).Intersect([.. Judgement, "Lookup"])));
        Assert.All(Judgement, folder => Assert.Empty(KnownBy(folder).Intersect(Administration)));
    }

    [Fact]
    public void The_sample_knows_what_a_stranger_could_know() => AssertKnows("SampleApi", "Http");

    [Fact]
    public void Nobody_knows_the_sample_but_the_composition() =>
        Assert.All(Folders().Except(["SampleApi"]), folder => Assert.DoesNotContain("SampleApi", KnownBy(folder)));

    [Fact]
    public void Nobody_knows_the_console_but_the_composition() =>
        Assert.All(Folders().Except(["Console"]), folder => Assert.DoesNotContain("Console", KnownBy(folder)));

    private static void AssertKnows(string folder, params string[] allowed) =>
        Assert.Empty(KnownBy(folder).Except([folder, .. allowed]));

    private static IEnumerable<string> KnownBy(string folder) => Directory
        .EnumerateFiles(Path.Combine(Source, folder), "*.cs", SearchOption.AllDirectories)
        .SelectMany(file => Mentioned.Matches(File.ReadAllText(file)).Select(match => match.Groups["folder"].Value))
        .Where(known => known != folder)
        .Distinct();

    private static IEnumerable<string> Folders() => Directory.GetDirectories(Source)
        .Where(directory => Directory.EnumerateFiles(directory, "*.cs").Any() && Path.GetFileName(directory) is not ("bin" or "obj"))
        .Select(directory => Path.GetFileName(directory)!);

    private static string Source => Path.Combine(Repository.Root, "src/ApiKeys.Server");

    /// <summary>By a using, by its full name, or by the folder's own name, as code inside ApiKeys.Server may.</summary>
    [GeneratedRegex(
        @"ApiKeys\.Server\.(?<folder>\w+)|(?<![\w.""])(?<folder>Keys|Members|Organizations|Verification|Lookup|Auditing|SampleApi|Database|Catalog|Bootstrap|Http)\.[A-Z]\w+[.( ]",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Mentioned { get; }
}
