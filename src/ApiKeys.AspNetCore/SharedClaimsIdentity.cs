using System.Security.Claims;

namespace ApiKeys.AspNetCore;

/// <summary>
/// The identity inside a principal that requests share: a claim that one of them adds would be held by all that follow, so nobody
/// may. <see cref="ClaimsIdentity.Clone"/> gives an ordinary one, with claims of its own.
/// </summary>
internal sealed class SharedClaimsIdentity(IEnumerable<Claim> claims)
    : ClaimsIdentity(claims, ApiKeyDefaults.AuthenticationScheme, ApiKeyClaimTypes.Name, roleType: null)
{
    public override void AddClaim(Claim claim) => throw Shared();

    public override void AddClaims(IEnumerable<Claim?> claims) => throw Shared();

    public override void RemoveClaim(Claim? claim) => throw Shared();

    public override bool TryRemoveClaim(Claim? claim) => throw Shared();

    /// <summary>What to do instead.</summary>
    public static InvalidOperationException Shared() => new(
        "All requests with the same API key share this principal, and what one adds would be seen by all. Clone() the principal and change "
        + "the copy, or register an IClaimsTransformation: it is given a principal that it may change.");
}
