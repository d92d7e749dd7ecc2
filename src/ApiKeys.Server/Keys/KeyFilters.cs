using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Keys;

/// <summary>Which keys a list shows. What is not asked for filters nothing.</summary>
internal static class KeyFilters
{
    public static IQueryable<ApiKey> OwnedBy(this IQueryable<ApiKey> keys, Guid? organization) =>
        organization is { } id ? keys.Where(key => key.OrganizationId == id) : keys;

    /// <summary>A substring of name, description or key id, in any case; never a pattern.</summary>
    public static IQueryable<ApiKey> Matching(this IQueryable<ApiKey> keys, string? search)
    {
        if (string.IsNullOrWhiteSpace(search))
            return keys;

        var literal = search.Trim()
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("%", "\\%", StringComparison.Ordinal)
            .Replace("_", "\\_", StringComparison.Ordinal);
        return keys.Where(key => EF.Functions.Like(
            EF.Property<string>(key, ApiKeyTable.SearchText), ApiKeyTable.Lower($"%{literal}%"), "\\"));
    }

    /// <summary>The same rules as <see cref="ApiKey.StatusAt"/>, for the database; a test holds them together.</summary>
    public static IQueryable<ApiKey> WithStatus(this IQueryable<ApiKey> keys, string? status, DateTimeOffset now) => status switch
    {
        "revoked" => keys.Where(key => key.RevokedAt != null),
        "expired" => keys.Where(key => key.RevokedAt == null && key.ExpiresAt <= now),
        "disabled" => keys.Where(key => key.RevokedAt == null && !(key.ExpiresAt <= now) && !key.Enabled),
        "active" => keys.Where(key => key.RevokedAt == null && !(key.ExpiresAt <= now) && key.Enabled),
        _ => keys,
    };

    public static IQueryable<ApiKey> WithScope(this IQueryable<ApiKey> keys, string? scope, ScopeCatalog catalog)
    {
        if (scope is null)
            return keys;

        var roles = RolesWith(scope, catalog);
        return roles.Length == 0
            ? keys.Where(key => key.Scopes.Contains(scope))
            : keys.Where(key => key.Scopes.Contains(scope) || key.Roles.Any(role => roles.Contains(role)));
    }

    /// <summary>The same keys where nothing else is asked for, to be counted up to a limit, in an index that holds nothing else.</summary>
    public static IQueryable<Guid> WithScope(
        this IQueryable<KeyGrant> grants, string scope, ScopeCatalog catalog, Guid? organization, int limit)
    {
        return RolesWith(scope, catalog).Aggregate(Given(scope), (ids, role) => ids.Union(Given(role)));

        IQueryable<Guid> Given(string name) => grants
            .Where(grant => grant.Name == name && (organization == null || grant.OrganizationId == organization))
            .Select(grant => grant.ApiKeyId)
            .Take(limit);
    }

    public static IQueryable<ApiKey> In(this IQueryable<ApiKey> keys, string? environment) => environment switch
    {
        "live" => keys.Where(key => key.Environment == KeyEnvironment.Live),
        "test" => keys.Where(key => key.Environment == KeyEnvironment.Test),
        _ => keys,
    };

    public static IQueryable<ApiKey> UnusedSince(this IQueryable<ApiKey> keys, int? days, DateTimeOffset now, ApiKeysDbContext db)
    {
        if (days is null)
            return keys;

        var since = now.AddDays(-days.Value);
        return keys.Where(key => key.CreatedAt < since && db.KeyUsage.Any(use => use.ApiKeyId == key.Id && use.IdleSince < since));
    }

    public static IQueryable<ApiKey> ExpiringWithin(this IQueryable<ApiKey> keys, int? days, DateTimeOffset now)
    {
        if (days is null)
            return keys;

        var end = now.AddDays(days.Value);
        return keys.Where(key => key.RevokedAt == null && key.ExpiresAt > now && key.ExpiresAt <= end);
    }

    /// <summary>
    /// The keys that <see cref="UnusedSince(IQueryable{ApiKey}, int?, DateTimeOffset, ApiKeysDbContext)"/> finds where nothing else
    /// is asked for, to be counted: each has one row here, and one index tells them all. It starts with the organization, so
    /// for all of them it is asked about one after the other.
    /// </summary>
    public static IQueryable<KeyUsage> UnusedSince(
        this IQueryable<KeyUsage> uses, int days, Guid? organization, DateTimeOffset now, ApiKeysDbContext db)
    {
        var since = now.AddDays(-days);
        return organization is { } id
            ? uses.Where(use => use.OrganizationId == id && use.IdleSince < since)
            : uses.Where(use => db.Organizations.Any(o => o.Id == use.OrganizationId) && use.IdleSince < since);
    }

    public static IQueryable<ApiKey> OnPreviousSecret(
        this IQueryable<ApiKey> keys, bool isAsked, DateTimeOffset now, ApiKeysDbContext db)
    {
        if (!isAsked)
            return keys;

        var longestGrace = now.AddDays(-KeyPolicy.MaxGracePeriodDays);
        return keys.Where(key => key.Previous!.ExpiresAt > now && db.KeyUsage.Any(use => use.ApiKeyId == key.Id
            && use.PreviousLastUsedAt >= longestGrace && use.PreviousLastUsedAt > key.LastRotatedAt));
    }

    public static IQueryable<ApiKey> NewestFirst(this IQueryable<ApiKey> keys) =>
        keys.OrderByDescending(key => key.CreatedAt).ThenByDescending(key => key.Id);

    public static IQueryable<ApiKey> After(this IQueryable<ApiKey> keys, string? cursor) =>
        PageCursor.TryParse(cursor, out var last)
            ? keys.Where(key => EF.Functions.LessThan(ValueTuple.Create(key.CreatedAt, key.Id), ValueTuple.Create(last.At, last.Id)))
            : keys;

    private static string[] RolesWith(string scope, ScopeCatalog catalog) =>
        [.. catalog.Roles.Values.Where(role => role.Scopes.Contains(scope)).Select(role => role.Name)];
}
