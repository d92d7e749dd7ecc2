using ApiKeys.Server.Catalog;
using ApiKeys.Server.Model;
using Microsoft.Extensions.Configuration;

namespace ApiKeys.Server.Tests.Catalog;

public sealed class CatalogTests
{
    [Fact]
    public void Scopes_are_read_with_the_colon_in_their_name()
    {
        var catalog = Load(
            ("Scopes:incidents:read:description", "Read incidents"),
            ("Scopes:incidents:read:endpoints:0", "GET /api/v1/incidents/*"),
            ("Roles:soc_viewer:description", "Looks"),
            ("Roles:soc_viewer:scopes:0", "incidents:read"));

        Assert.Equal(["GET /api/v1/incidents/*"], catalog.Scopes["incidents:read"].Endpoints);
        Assert.Equal(["incidents:read"], catalog.Roles["soc_viewer"].Scopes);
        Assert.True(catalog.Scopes["api-keys:write"].IsManagement);
        Assert.False(catalog.Scopes["incidents:read"].IsManagement);
    }

    [Fact]
    public void Every_error_is_told()
    {
        var errors = new List<string>();
        CatalogConfiguration.Load(
            Configuration(
            ("Scopes:flat", "A scope without an action"),
            ("Scopes:Incidents:Read:description", "Upper case"),
            ("Scopes:api-keys:read:description", "Built in"),
            ("Scopes:search:read:endpoints:0", "/api/v1/search"),
            ("Roles:admin:description", "Built in"),
            ("Roles:viewer:scopes:0", "search:raed"),
            ("Plans:Gold:max_keys", "3"),
            ("Plans:pro:max_keys", "-1"),
            ("Plans:silver:keys", "3"),
            ("Plans:tin:max_keys:live", "3"),
            ("Plans:zinc:max_keys", ""),
            ("Plans:iron:max_keys", "1"),
            ("Plans:iron:rate_limit:requests", "0"),
            ("Plans:iron:rate_limit:window_seconds", "60"),
            ("Plans:lead:max_keys", "1"),
            ("Plans:lead:rate_limit", "5"),
            ("Plans:neon:max_keys", "1"),
            ("Plans:neon:rate_limit:requests", "5"),
            ("Plans:neon:rate_limit:window_seconds", "86401"),
            ("Plans:neon:rate_limit:per", "60"),
            ("Scopes:odd:read:description", "Odd"),
            ("Scopes:odd:read:endpoint:0", "GET /odd"),
            ("Scopes:odd:read:endpoints", "GET /odd"),
            ("Roles:odd:description", "Odd"),
            ("Roles:odd:scopes:0:0", "odd:read")),
            errors);

        Assert.Equal(
            """
            The configuration has errors:
              Scopes: 'api-keys:read' is built in and cannot be defined again.
              Scopes: 'flat' is not of the form resource:action with a description.
              Scopes: 'Incidents:Read' is not of the form resource:action, in lowercase letters, digits, '-', '_' and '.'.
              Scopes: 'odd:read' has 'endpoint', which is not known here.
              Scopes: 'odd:read' has 'endpoints' that are not a list of texts.
              Scopes: 'search:read' has no description.
              Scopes: 'search:read' opens '/api/v1/search', which is not a method and a path such as 'GET /api/v1/incidents/*'.
              Roles: 'admin' is built in and cannot be defined again.
              Roles: 'admin' holds no scope.
              Roles: 'odd' has 'scopes' that are not a list of texts.
              Roles: 'odd' holds no scope.
              Roles: 'viewer' holds the scope 'search:raed', which is not defined.
              Roles: 'viewer' has no description.
              Plans: 'Gold' is not in lowercase letters, digits, '-' and '_'.
              Plans: 'iron' has a rate_limit without 'requests' from 1 to 1000000000 and 'window_seconds' from 1 to 86400.
              Plans: 'lead' has a rate_limit without 'requests' from 1 to 1000000000 and 'window_seconds' from 1 to 86400.
              Plans: 'neon' in its rate_limit has 'per', which is not known here.
              Plans: 'neon' has a rate_limit without 'requests' from 1 to 1000000000 and 'window_seconds' from 1 to 86400.
              Plans: 'pro' has max_keys '-1', which is not a whole number from 0, nor null.
              Plans: 'silver' has 'keys', which is not known here.
              Plans: 'silver' has no max_keys; null means any number.
              Plans: 'tin' has max_keys '', which is not a whole number from 0, nor null.
              Plans: 'zinc' has max_keys '', which is not a whole number from 0, nor null.
            """,
            new ConfigurationException(errors).Message);
    }

    [Fact]
    public void What_the_catalog_no_longer_knows_counts_for_nothing()
    {
        var catalog = Load(("Scopes:incidents:read:description", "Read incidents"));

        Assert.Equal(["incidents:read"], catalog.Expand(["incidents:read", "gone:read"], ["gone"]));
    }

    [Fact]
    public void A_key_with_a_management_scope_is_an_administration_key()
    {
        var catalog = Load(("Scopes:incidents:read:description", "Read incidents"));

        Assert.True(catalog.IsAdministration(catalog.Expand([], ["admin"])));
        Assert.False(catalog.IsAdministration(catalog.Expand(["incidents:read"], ["verifier"])));
    }

    [Fact]
    public void Plans_are_those_of_the_product_unless_the_configuration_says_otherwise()
    {
        var catalog = Load(("Plans:pro:max_keys", "50"), ("Plans:ultra:max_keys", "null"), ("Plans:team:max_keys", "3"));

        Assert.Equal(
            new Dictionary<string, int?> { ["hobby"] = 0, ["starter"] = 1, ["pro"] = 50, ["ultra"] = null, ["enterprise"] = null, ["team"] = 3 },
            catalog.Plans.ToDictionary(plan => plan.Key, plan => plan.Value.MaxKeys));
    }

    [Fact]
    public void A_plan_may_limit_the_rate_of_each_key()
    {
        var catalog = Load(
            ("Plans:pro:max_keys", "50"), ("Plans:pro:rate_limit:requests", "100"), ("Plans:pro:rate_limit:window_seconds", "60"),
            ("Plans:team:max_keys", "3"), ("Plans:team:rate_limit", "null"));

        Assert.Equal(new RateLimit(100, 60), catalog.Plans["pro"].RateLimit);
        Assert.Null(catalog.Plans["team"].RateLimit);
        Assert.False(catalog.Says(Load(
            ("Plans:pro:max_keys", "50"), ("Plans:pro:rate_limit:requests", "99"), ("Plans:pro:rate_limit:window_seconds", "60"), ("Plans:team:max_keys", "3"))));
    }

    private static ScopeCatalog Load(params (string Key, string Value)[] settings)
    {
        var errors = new List<string>();
        var catalog = CatalogConfiguration.Load(Configuration(settings), errors);
        Assert.Empty(errors);
        return catalog;
    }

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
        .Build();
}
