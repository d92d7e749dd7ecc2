using ApiKeys.Benchmarks.Hosts;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ApiKeys.Benchmarks;

/// <summary>Keys whose values are known, written straight to the database.</summary>
internal static class BenchKeys
{
    private static readonly string[] SampleScopes = [KeysHost.Scope, "search:read"];

    /// <summary>They may read incidents and search.</summary>
    public static Task<IReadOnlyList<ApiKeyValue>> AddAsync(NpgsqlDataSource database, int count, CancellationToken cancellationToken) =>
        AddAsync(database, count, SampleScopes, [], limit: null, cancellationToken);

    /// <summary>The same with a rate limit, each for itself.</summary>
    public static Task<IReadOnlyList<ApiKeyValue>> AddLimitedAsync(
        NpgsqlDataSource database, int count, RateLimit limit, CancellationToken cancellationToken) =>
        AddAsync(database, count, SampleScopes, [], limit, cancellationToken);

    /// <summary>A key that may do everything.</summary>
    public static async Task<ApiKeyValue> AddOperatorAsync(NpgsqlDataSource database, CancellationToken cancellationToken) =>
        (await AddAsync(database, 1, [], [BuiltIn.OperatorRole], limit: null, cancellationToken))[0];

    /// <summary>A key of a service that asks about others' keys.</summary>
    public static async Task<ApiKeyValue> AddVerifierAsync(NpgsqlDataSource database, CancellationToken cancellationToken) =>
        (await AddAsync(database, 1, [BuiltIn.KeysVerify], [], limit: null, cancellationToken))[0];

    private static async Task<IReadOnlyList<ApiKeyValue>> AddAsync(
        NpgsqlDataSource database, int count, string[] scopes, string[] roles, RateLimit? limit, CancellationToken cancellationToken)
    {
        await using var db = new BenchCluster.Contexts(database).CreateDbContext();
        var now = TimeProvider.System.Now();
        var organization = await db.Organizations.SingleAsync(o => o.Slug == Organization.DefaultSlug, cancellationToken);
        var owner = new Member
        {
            Id = Guid.CreateVersion7(now),
            OrganizationId = organization.Id,
            Email = $"bench-{Guid.CreateVersion7(now):N}@example.com",
            Role = MemberRole.Admin,
            CreatedAt = now,
        };
        db.Add(owner);
        var values = new List<ApiKeyValue>(count);
        for (var i = 0; i < count; i++)
        {
            var facts = new KeyFacts
            {
                Organization = organization,
                Owner = owner,
                Name = $"SOC Splunk Export {i}",
                Scopes = scopes,
                Roles = roles,
                ExpiresInDays = 30,
                RateLimit = limit,
                CreatedBy = owner.Email,
            };
            var key = ApiKey.Create(facts, ApiKeyValue.DefaultPrefix, now, out var value);
            db.Add(key);
            values.Add(value);
        }

        await db.SaveChangesAsync(cancellationToken);
        return values;
    }
}
