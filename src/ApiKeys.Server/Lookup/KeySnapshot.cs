using System.Collections.ObjectModel;
using System.Net;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Lookup;

/// <summary>All that a verification needs to know of one key, as it was at one moment. What it knows does not change.</summary>
internal sealed record KeySnapshot : Remembered
{
    private ApiKeyDecision? _accepted;
    private ApiKeyDecision? _acceptedByPrevious;
    private ApiKeyIdentity? _identity;
    private KeyUse? _use;

    /// <summary>The key's row.</summary>
    public required Guid Id { get; init; }

    public required string Name { get; init; }

    public KeyEnvironment Environment { get; init; }

    public required SecretHash Secret { get; init; }

    public PreviousSecret? Previous { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public bool IsRevoked { get; init; }

    public bool IsEnabled { get; init; } = true;

    /// <summary>Everybody may use it where there is none.</summary>
    public IPNetwork[] AllowedNetworks { get; init; } = [];

    public required Tenancy Tenancy { get; init; }

    /// <summary>All that it may do, its roles' scopes included.</summary>
    public required IReadOnlySet<string> Scopes { get; init; }

    /// <summary>Of the current secret.</summary>
    public int SecretNumber { get; init; }

    /// <summary>Its own, or what its organization or its plan says; null where there is none.</summary>
    public RateLimit? RateLimit { get; init; }

    /// <summary>Names and texts of its administrators' own; null where there are none.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>What it is used for today, for whoever writes that down.</summary>
    public KeyUse? Use
    {
        get => Volatile.Read(ref _use);
        set => Volatile.Write(ref _use, value);
    }

    /// <summary>Made once, when the key is first accepted, with all that a request needs of it.</summary>
    public ApiKeyDecision Accepted => _accepted ??= ApiKeyDecision.Accept(
        Identity, byPreviousSecret: false, new AcceptedTerms(ExpiresAt, AllowedNetworks.Length > 0, SecretNumber, RateLimit is not null));

    /// <summary>The same where it was the secret before the current one.</summary>
    public ApiKeyDecision AcceptedByPrevious => _acceptedByPrevious ??= ApiKeyDecision.Accept(
        Identity, byPreviousSecret: true, new AcceptedTerms(Previous!.ExpiresAt < ExpiresAt || ExpiresAt is null ? Previous.ExpiresAt : ExpiresAt, AllowedNetworks.Length > 0, SecretNumber - 1, RateLimit is not null));

    public override bool IsOf(HashSet<Guid> organizations, HashSet<Guid> members) =>
        organizations.Contains(Tenancy.OrganizationId) || (Tenancy.OwnerId is { } owner && members.Contains(owner));

    /// <summary>Who is told to be calling.</summary>
    public ApiKeyIdentity Identity => _identity ??= new ApiKeyIdentity
    {
        KeyId = KeyId.ToString(),
        Name = Name,
        Organization = Tenancy.Organization,
        Owner = Tenancy.Owner,
        Environment = Environment.Name(),
        Scopes = Scopes,
        ExpiresAt = ExpiresAt,
        Metadata = Metadata ?? ReadOnlyDictionary<string, string>.Empty,
    };
}

/// <summary>Whose a key is.</summary>
/// <param name="OrganizationId">The organization's row.</param>
/// <param name="Organization">Its slug.</param>
/// <param name="IsSuspended">Whether none of its keys is accepted.</param>
/// <param name="OwnerId">The member's row, where the key has an owner.</param>
/// <param name="Owner">His email.</param>
internal sealed record Tenancy(Guid OrganizationId, string Organization, bool IsSuspended, Guid? OwnerId, string? Owner);
