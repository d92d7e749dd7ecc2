using ApiKeys.Server.Catalog;
using ApiKeys.Server.Model;

namespace ApiKeys.Benchmarks;

/// <summary>
/// Keys as the database would answer them, with their values: of so many organizations, each with a member who owns them, named
/// in some 20 characters, with one of five sets of scopes; most of them end some day.
/// </summary>
internal sealed class ManyKeys
{
    private static readonly string[] Names = ["Splunk Export", "Sentinel Import", "XSOAR Playbook", "Grafana Dashboard", "Kafka Forwarder"];

    private static readonly (string[] Scopes, string[] Roles)[] Grants =
    [
        (["incidents:read"], []),
        (["incidents:read", "search:read"], []),
        (["incidents:read", "investigations:read", "investigations:write"], []),
        (["graph:read", "incidents:read"], []),
        ([], ["soc_viewer"]),
    ];

    private readonly DateTimeOffset _now = TimeProvider.System.Now();
    private readonly (Organization Organization, Member Owner)[] _tenants;

    public ManyKeys(int organizations) => _tenants = [.. Enumerable.Range(1, organizations).Select(Tenant)];

    public IEnumerable<(ApiKey Key, ApiKeyValue Value)> Take(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var (organization, owner) = _tenants[i % _tenants.Length];
            var (scopes, roles) = Grants[i % Grants.Length];
            var facts = new KeyFacts
            {
                Organization = organization,
                Owner = owner,
                Name = $"{Names[i % Names.Length]} {i % 10_000:0000}",
                Scopes = scopes,
                Roles = roles,
                ExpiresInDays = i % 5 == 0 ? null : 365,
                CreatedBy = owner.Email,
            };
            yield return (ApiKey.Create(facts, ApiKeyValue.DefaultPrefix, _now, out var value), value);
        }
    }

    private (Organization Organization, Member Owner) Tenant(int number)
    {
        var organization = new Organization
        {
            Id = Guid.CreateVersion7(_now),
            Slug = $"organization-{number}",
            Name = $"Organization {number}",
            Plan = BuiltIn.Plans[0].Name,
            CreatedAt = _now,
        };
        var owner = new Member
        {
            Id = Guid.CreateVersion7(_now),
            OrganizationId = organization.Id,
            Email = $"admin@organization-{number}.example.com",
            Role = MemberRole.Admin,
            CreatedAt = _now,
        };
        return (organization, owner);
    }
}
