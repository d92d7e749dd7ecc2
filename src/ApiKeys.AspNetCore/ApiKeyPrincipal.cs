using System.Security.Claims;

namespace ApiKeys.AspNetCore;

/// <summary>
/// The principal of an accepted key, made once and given to every request that comes with it: nobody may add to it. What a claims
/// transformation returns is a copy, and an ordinary principal.
/// </summary>
internal sealed class ApiKeyPrincipal : ClaimsPrincipal
{
    private readonly bool _isComplete;

    public ApiKeyPrincipal(ApiKeyIdentity key)
        : base(new ClaimsIdentity(ClaimsOf(key), ApiKeyDefaults.AuthenticationScheme, ApiKeyClaimTypes.Name, roleType: null))
    {
        Key = key;
        _isComplete = true;
    }

    public ApiKeyIdentity Key { get; }

    public override void AddIdentity(ClaimsIdentity identity)
    {
        ThrowIfComplete();
        base.AddIdentity(identity);
    }

    public override void AddIdentities(IEnumerable<ClaimsIdentity> identities)
    {
        ThrowIfComplete();
        base.AddIdentities(identities);
    }

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

    private void ThrowIfComplete()
    {
        if (_isComplete)
            throw new InvalidOperationException("All requests with the same API key share this principal. Clone() it, and add to the copy.");
    }
}
