using System.Collections.ObjectModel;
using System.Security.Claims;

namespace ApiKeys.AspNetCore;

/// <summary>Whose key was accepted, and what it may do.</summary>
public sealed class ApiKeyIdentity
{
    private ClaimsPrincipal? _principal;

    /// <summary>The public name of the key, <c>k_7Fq2mZ81xY4c</c>.</summary>
    public required string KeyId { get; init; }

    /// <summary>What its administrator called it.</summary>
    public required string Name { get; init; }

    /// <summary>The slug of the organization that owns it.</summary>
    public required string Organization { get; init; }

    /// <summary>The email of the member it acts for; null where it acts for the organization alone.</summary>
    public string? Owner { get; init; }

    /// <summary><c>live</c> or <c>test</c>.</summary>
    public required string Environment { get; init; }

    /// <summary>Everything it may do, its roles' scopes included.</summary>
    public required IReadOnlySet<string> Scopes { get; init; }

    /// <summary>The first instant at which it is refused; null where it never expires.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Names and texts of its administrators' own.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The same as claims, named as in <see cref="ApiKeyClaimTypes"/>; made once, when first asked for.</summary>
    /// <remarks>
    /// All requests with the key share it. To add to it throws, and <see cref="ClaimsPrincipal.Clone"/> gives a copy to add to. What .NET
    /// lets nobody guard must be left alone: an identity's <c>Actor</c>, <c>Label</c> and <c>BootstrapContext</c>, a claim's <c>Properties</c>.
    /// </remarks>
    public ClaimsPrincipal Principal => _principal ??= new ApiKeyPrincipal(this);
}

/// <summary>The claims of a request that came with an accepted key.</summary>
public static class ApiKeyClaimTypes
{
    /// <summary>The key id.</summary>
    public const string KeyId = "key_id";

    /// <summary>The key's name.</summary>
    public const string Name = "name";

    /// <summary>The organization's slug.</summary>
    public const string Organization = "organization";

    /// <summary>The email of the key's owner, if it has one.</summary>
    public const string Owner = "owner";

    /// <summary><c>live</c> or <c>test</c>.</summary>
    public const string Environment = "environment";

    /// <summary>One claim for each scope.</summary>
    public const string Scope = "scope";
}
