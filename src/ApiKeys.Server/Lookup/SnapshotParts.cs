using System.Collections.Concurrent;
using System.Net;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Lookup;

/// <summary>Makes snapshots whose larger parts are shared: a million keys have few owners and few different sets of scopes.</summary>
internal sealed class SnapshotParts
{
    private readonly Shared<Tenancy> _tenancies = new();
    private readonly Shared<ScopeSet> _scopes = new();
    private readonly Shared<RateLimit> _limits = new();

    /// <param name="key">With its organization and owner.</param>
    /// <param name="catalog">Tells what its roles hold.</param>
    public KeySnapshot Snapshot(ApiKey key, ScopeCatalog catalog) => new()
    {
        Id = key.Id,
        KeyId = PackedKeyId.Of(key.KeyId),
        Name = key.Name,
        Environment = key.Environment,
        Secret = key.Secret,
        SecretNumber = key.SecretNumber,
        Previous = key.Previous,
        ExpiresAt = key.ExpiresAt,
        IsRevoked = key.RevokedAt is not null,
        IsEnabled = key.Enabled,
        AllowedNetworks = key.AllowedIps.Length == 0 ? [] : Array.ConvertAll(key.AllowedIps, IPNetwork.Parse),
        Tenancy = _tenancies.Of(new Tenancy(
            key.OrganizationId, key.Organization.Slug, key.Organization.Suspended, key.OwnerId, key.Owner?.Email)),
        Metadata = key.Metadata.Count == 0 ? null : key.Metadata,
        RateLimit = LimitOf(key, catalog) is { } limit ? _limits.Of(limit) : null,
        Scopes = _scopes.Of(new ScopeSet(catalog.Effective(key))).Names,
    };

    private static RateLimit? LimitOf(ApiKey key, ScopeCatalog catalog) =>
        key.RateLimit ?? key.Organization.RateLimit ?? catalog.Plans.GetValueOrDefault(key.Organization.Plan)?.RateLimit;

    /// <summary>One of all that are equal. Where there are too many different ones, it begins anew.</summary>
    private sealed class Shared<T>
        where T : notnull
    {
        private const int Limit = 10_000;
        private readonly ConcurrentDictionary<T, T> _known = new();

        public T Of(T part)
        {
            if (_known.Count > Limit)
                _known.Clear();

            return _known.GetOrAdd(part, part);
        }
    }

    private sealed record ScopeSet(IReadOnlySet<string> Names)
    {
        private readonly int _hash = Names.Aggregate(0, (hash, name) => hash ^ name.GetHashCode(StringComparison.Ordinal));

        public bool Equals(ScopeSet? other) => other is not null && Names.SetEquals(other.Names);

        public override int GetHashCode() => _hash;
    }
}
