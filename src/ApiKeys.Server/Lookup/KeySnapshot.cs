using System.Net;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Lookup;

/// <summary>All that a verification needs to know of one key, as it was at one moment. Nothing in it changes.</summary>
internal sealed record KeySnapshot
{
    public required Guid Id { get; init; }

    public required SecretHash Secret { get; init; }

    public PreviousSecret? Previous { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public bool IsRevoked { get; init; }

    public bool IsEnabled { get; init; } = true;

    public bool IsSuspended { get; init; }

    /// <summary>Everybody may use it where there is none.</summary>
    public IReadOnlyList<IPNetwork> AllowedNetworks { get; init; } = [];

    /// <summary>Who is told to be calling, once it is accepted.</summary>
    public required ApiKeyIdentity Identity { get; init; }

    /// <param name="key">With its organization and owner.</param>
    /// <param name="catalog">Tells what its roles hold.</param>
    public static KeySnapshot Of(ApiKey key, ScopeCatalog catalog) => new()
    {
        Id = key.Id,
        Secret = key.Secret,
        Previous = key.Previous,
        ExpiresAt = key.ExpiresAt,
        IsRevoked = key.RevokedAt is not null,
        IsEnabled = key.Enabled,
        IsSuspended = key.Organization.Suspended,
        AllowedNetworks = Array.ConvertAll(key.AllowedIps, IPNetwork.Parse),
        Identity = new ApiKeyIdentity
        {
            KeyId = key.KeyId,
            Name = key.Name,
            Organization = key.Organization.Slug,
            Owner = key.Owner?.Email,
            Environment = key.Environment.Name(),
            Scopes = catalog.Effective(key),
        },
    };
}
