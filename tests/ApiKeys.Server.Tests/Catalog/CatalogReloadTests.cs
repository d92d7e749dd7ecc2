using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using ApiKeys.Server.Tests.Fixtures;
using ApiKeys.Server.Tests.Verification.RateLimits;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ApiKeys.Server.Tests.Catalog;

public sealed partial class CatalogReloadTests(CatalogReloadTests.ServerWithCatalog server) : IClassFixture<CatalogReloadTests.ServerWithCatalog>
{
    [Fact]
    public async Task A_scope_that_is_removed_stops_working_at_once_and_one_that_comes_works()
    {
        server.Write("""{"Scopes": {"reports:read": {"description": "Read reports"}, "reports:write": {"description": "Write reports"}}}""");
        var key = await server.CreateKeyAsync(new { name = "Reports", scopes = new[] { "reports:read", "reports:write", "incidents:read" } });
        Assert.Equal(["incidents:read", "reports:read", "reports:write"], await ScopesOfAsync(key));

        server.Write("""{"Scopes": {"reports:read": {"description": "Read reports"}}}""");

        Assert.Equal(["incidents:read", "reports:read"], await ScopesOfAsync(key));
        Assert.Equal(["reports:read"], await CatalogAsync("scopes", "REPORT"));
        await server.Operator.PostAsJsonAsync("/api/admin/api-keys", new { name = "A", scopes = new[] { "reports:write" } })
            .ShouldBeInvalidAsync("scopes");
    }

    [Fact]
    public async Task Keys_with_a_role_follow_it_when_it_changes()
    {
        server.Write("""{"Roles": {"reporter": {"description": "Reports", "scopes": ["incidents:read"]}}}""");
        var key = await server.CreateKeyAsync(new { name = "Reporter", roles = new[] { "reporter" } });
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();

        server.Write("""{"Roles": {"reporter": {"description": "Searches", "scopes": ["search:read"]}}}""");

        Assert.Equal(["search:read"], await ScopesOfAsync(key));
        await server.CallAsync(key.Value).ShouldBeProblemAsync(
            403, "insufficient_scope", challenge: "Bearer error=\"insufficient_scope\", scope=\"incidents:read\"");
        Assert.Equal(["reporter"], await CatalogAsync("roles", "searches"));
    }

    [Fact]
    public async Task A_plan_that_cuts_the_rate_is_in_force_at_once_for_keys_without_a_limit_of_their_own()
    {
        server.Write("""{"Plans": {"rated": {"max_keys": 5}}}""");
        await server.AddOrganizationAsync("rated", "rated");
        var key = await server.CreateKeyAsync(new { name = "A", scopes = new[] { "incidents:read" }, organization = "rated" });
        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();

        server.Write("""{"Plans": {"rated": {"max_keys": 5, "rate_limit": {"requests": 1, "window_seconds": """ + $"{RateWindows.Long}" + "}}}}");

        await server.CallAsync(key.Value).ShouldBeAcceptedAsync();
        await server.CallAsync(key.Value).ShouldBeProblemAsync(429, "rate_limited");
    }

    /// <summary>As while a backup is being restored over it.</summary>
    [Fact]
    public async Task A_catalog_that_the_other_nodes_could_not_be_told_of_is_told_them_later()
    {
        await server.QuerySqlAsync<int>($"alter table invalidation_head rename to away; select 1 as \"Value\"");
        server.Write("""{"Scopes": {"later:read": {"description": "Told later"}}}""");
        await Eventually.TrueAsync(() => Logged("Warning 521 ") == 1, Lines);
        var told = Logged("Information 520 ");

        await server.QuerySqlAsync<int>($"alter table away rename to invalidation_head; select 1 as \"Value\"");

        await Eventually.TrueAsync(() => Logged("Information 520 ") > told, Lines);
        Assert.Equal(1, Logged("Warning 521 "));

        int Logged(string start) => server.Logs.Lines.Count(line => line.StartsWith(start, StringComparison.Ordinal));
        string Lines() => string.Join('\n', server.Logs.Lines);
    }

    [Theory]
    [InlineData("{ this is no JSON", "Failed to load configuration from file")]
    [InlineData("""{"Scopes": {"reports": {"description": "No action"}}}""", "Scopes: 'reports:description' has no description.")]
    [InlineData("""{"Roles": {"r": {"description": "R", "scopes": ["nothing:read"]}}, "Plans": {"pro": {"max_keys": "x"}}}""", "Plans: 'pro' has max_keys 'x'")]
    [InlineData(null, "was not found")]
    public async Task A_broken_catalog_changes_nothing_and_says_so(string? broken, string told)
    {
        server.Write("""{"Scopes": {"audits:read": {"description": "Read audits"}}, "Plans": {"tiny": {"max_keys": 2}}}""");
        var key = await server.CreateKeyAsync(new { name = "Audits", scopes = new[] { "audits:read" } });

        server.Write(broken);

        Assert.Equal(["audits:read"], await ScopesOfAsync(key));
        Assert.Contains(server.Logs.Lines, line => line.StartsWith("Error 121 The changed configuration is not taken over", StringComparison.Ordinal)
            && line.Contains(told, StringComparison.Ordinal));
        await server.AddOrganizationAsync($"tiny-{Math.Abs(told.GetHashCode(StringComparison.Ordinal))}", "tiny");

        server.Write("""{"Scopes": {"audits:write": {"description": "Write audits"}}}""");
        Assert.Empty(await ScopesOfAsync(key));
    }

    /// <summary>As an operator edits the file of a host that runs.</summary>
    [Fact]
    public async Task A_file_that_is_saved_is_read_without_anybody_asking()
    {
        var folder = TempFolder.Create("apikeys-catalog-");
        var file = Path.Combine(folder.FullName, "catalog.json");
        await File.WriteAllTextAsync(file, """{"Scopes": {"first:read": {"description": "First"}}}""");
        await using var host = await HostProcess.StartAsync(new Dictionary<string, string?>
        {
            ["ConnectionStrings:ApiKeys"] = await TestPostgres.CreateDatabaseAsync(),
            ["Catalog:File"] = file,
        });

        await File.WriteAllTextAsync(file, """{"Scopes": {"first:read": {"description": "First"}, "second:read": {"description": "Second"}}}""");
        var line = await host.LineAsync(ReadAnew);
        await File.WriteAllTextAsync(file, "{");
        await host.LineAsync(Kept);

        Assert.Contains("11 scopes", line, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_is_wrong_at_the_start_is_told_all_at_once()
    {
        var (exitCode, output) = await HostProcess.RunAsync(
            new Dictionary<string, string?>
            {
                ["Catalog:File"] = "/nowhere/catalog.json",
                ["KeyPolicy:MaxExpiresInDays"] = "400",
                ["Plans:pro:max_keys"] = "many",
                ["TrustedProxies:0"] = "proxy.example",
            },
            "migrate");

        Assert.Equal(1, exitCode);
        foreach (var error in new[]
        {
            "Catalog:File is '/nowhere/catalog.json', and there is no such file.",
            "KeyPolicy:MaxExpiresInDays is 400 and must be 1 to 365.",
            "Plans: 'pro' has max_keys 'many', which is not a whole number from 0, nor null.",
            "TrustedProxies:0 is 'proxy.example', which is not an address, nor a network such as 10.0.0.0/8, nor 'unix'.",
        })
        {
            Assert.Contains(error, output, StringComparison.Ordinal);
        }
    }

    private async Task<IEnumerable<string?>> ScopesOfAsync(IssuedKey key)
    {
        using var me = await server.CallAsync(key.Value, "/api/v1/me");
        return (await me.ReadJsonAsync(200)).GetProperty("key").Texts("scopes");
    }

    private async Task<IEnumerable<string?>> CatalogAsync(string what, string search)
    {
        var found = await server.Operator.GetFromJsonAsync<JsonElement>($"/api/admin/{what}?search={search}");
        return found.GetProperty(what).EnumerateArray().Select(row => row.Text("name"));
    }

    [GeneratedRegex("The catalog was read anew", RegexOptions.NonBacktracking)]
    private static partial Regex ReadAnew { get; }

    [GeneratedRegex("The changed configuration is not taken over", RegexOptions.NonBacktracking)]
    private static partial Regex Kept { get; }

    /// <summary>With a catalog in a file of its own.</summary>
    public sealed class ServerWithCatalog : TestServer
    {
        private readonly DirectoryInfo _folder = TempFolder.Create("apikeys-catalog-");

        public ServerWithCatalog() => File.WriteAllText(CatalogFile, "{}");

        protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["Catalog:File"] = CatalogFile };

        private string CatalogFile => Path.Combine(_folder.FullName, "catalog.json");

        /// <summary>Does at once what the file's watch does a moment later.</summary>
        public void Write(string? catalog)
        {
            if (catalog is null)
                File.Delete(CatalogFile);
            else
                File.WriteAllText(CatalogFile, catalog);

            ((IConfigurationRoot)Services.GetRequiredService<IConfiguration>()).Reload();
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            if (_folder.Exists)
                _folder.Delete(recursive: true);
        }
    }
}
