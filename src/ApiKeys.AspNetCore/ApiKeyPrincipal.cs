using System.Security.Claims;

namespace ApiKeys.AspNetCore;

/// <summary>
/// The principal of an accepted key, made once and given to every request that comes with it: nobody may add to it. A copy is an
/// ordinary principal, and shares nothing with it.
/// </summary>
internal sealed class ApiKeyPrincipal(ApiKeyIdentity key) : ClaimsPrincipal(new SharedClaimsIdentity(ClaimsOf(key)))
{
    public ApiKeyIdentity Key { get; } = key;

    public override void AddIdentity(ClaimsIdentity identity) => throw SharedClaimsIdentity.Shared();

    public override void AddIdentities(IEnumerable<ClaimsIdentity> identities) => throw SharedClaimsIdentity.Shared();

    /// <summary>The framework's own copies the principal, and not the identities in it.</summary>
    public override ClaimsPrincipal Clone() => new(Identities.Select(identity => identity.Clone()));

    private static List<Claim> ClaimsOf(ApiKeyIdentity key)
    {
        List<Claim> claims =
        [
            new(ApiKeyClaimTypes.KeyId, key.KeyId),
            new(ApiKeyClaimTypes.Name, key.Name),
            new(ApiKeyClaimTypes.Organization, key.Organization),
            new(ApiKeyClaimTypes.Environment, key.Environment),
        ];
        if (key.Owner is not null)
            claims.Add(new Claim(ApiKeyClaimTypes.Owner, key.Owner));

        claims.AddRange(key.Scopes.Select(scope => new Claim(ApiKeyClaimTypes.Scope, scope)));
        return claims;
    }
}
