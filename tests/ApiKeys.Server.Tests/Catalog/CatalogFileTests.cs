using ApiKeys.Server.Catalog;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace ApiKeys.Server.Tests.Catalog;

/// <summary>The catalog as it stands in JSON, and files that come and go.</summary>
public sealed class CatalogFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = TempFolder.Create("apikeys-catalog-");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>While it is replaced, a file that may be missing is missing for a moment: that is no catalog without limits.</summary>
    [Fact]
    public void A_file_that_was_there_is_missed_even_where_it_is_optional()
    {
        var manager = new ConfigurationManager();
        Write("""{"Scopes": {"a:read": {"description": "A"}}, "Plans": {"enterprise": {"max_keys": 3}}}""");
        manager.AddJsonFile(File, optional: true, reloadOnChange: false);
        manager.AddJsonFile(File + ".local", optional: true, reloadOnChange: false);
        using var catalog = new LiveCatalog(Load(manager), manager, [.. ((IConfigurationBuilder)manager).Sources], NullLogger<LiveCatalog>.Instance);

        System.IO.File.Delete(File);
        ((IConfigurationRoot)manager).Reload();
        Assert.Equal(3, catalog.Current.Plans["enterprise"].MaxKeys);

        Write("""{"Plans": {"enterprise": {"max_keys": 4}}}""");
        ((IConfigurationRoot)manager).Reload();
        Assert.Equal(4, catalog.Current.Plans["enterprise"].MaxKeys);
    }

    [Fact]
    public void Null_in_JSON_means_any_number_of_keys()
    {
        Write("""{"Plans": {"pro": {"max_keys": null}, "team": {"max_keys": 3}}}""");

        var plans = Load(new ConfigurationBuilder().AddJsonFile(File).Build()).Plans;

        Assert.Equal((null, 3), (plans["pro"].MaxKeys, plans["team"].MaxKeys));
    }

    [Theory]
    [InlineData("""{"Plans": {"pro": {"max_keys": {"live": 3}}}}""")]
    [InlineData("""{"Plans": {"pro": {"max_keys": [3]}}}""")]
    [InlineData("""{"Plans": {"pro": {"max_keys": ""}}}""")]
    [InlineData("""{"Scopes": {"a:read": {"description": "A", "endpoints": [null]}}}""")]
    [InlineData("""{"Scopes": {"a:read": {"description": "A", "endpoints": "GET /a"}}}""")]
    [InlineData("""{"Scopes": {"a:read": {"description": "A", "endpoints": [["GET /a"]]}}}""")]
    [InlineData("""{"Scopes": {"a:read": {"description": "A", "endpoint": ["GET /a"]}}}""")]
    [InlineData("""{"Roles": {"r": {"description": "R", "scopes": ["audit:read"], "scope": "x"}}}""")]
    public void What_is_of_the_wrong_kind_is_an_error(string json)
    {
        Write(json);
        var errors = new List<string>();

        CatalogConfiguration.Load(new ConfigurationBuilder().AddJsonFile(File).Build(), errors);

        Assert.NotEmpty(errors);
    }

    private string File => Path.Combine(_folder.FullName, "settings.json");

    private void Write(string json) => System.IO.File.WriteAllText(File, json);

    private static ScopeCatalog Load(IConfiguration configuration)
    {
        var errors = new List<string>();
        var catalog = CatalogConfiguration.Load(configuration, errors);
        Assert.Empty(errors);
        return catalog;
    }
}
