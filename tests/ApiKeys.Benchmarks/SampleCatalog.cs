using ApiKeys.Server.Catalog;
using ApiKeys.Server.SampleApi;
using Microsoft.Extensions.Configuration;

namespace ApiKeys.Benchmarks;

/// <summary>The catalog of the sample API, as the host reads it.</summary>
internal static class SampleCatalog
{
    public static ScopeCatalog Load()
    {
        var errors = new List<string>();
        var catalog = CatalogConfiguration.Load(new ConfigurationBuilder().Add(SampleEndpoints.Catalog).Build(), errors);
        return errors.Count == 0 ? catalog : throw new BenchException(string.Join('\n', errors));
    }
}
