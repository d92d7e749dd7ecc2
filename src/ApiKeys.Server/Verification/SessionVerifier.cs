using System.Net;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Lookup;

namespace ApiKeys.Server.Verification;

/// <summary>
/// Judges somebody who presented a key some time ago, and now comes with a session: as if he presented it again, but it is neither
/// counted nor limited. A key that is revoked ends its sessions as it ends itself, on every node.
/// </summary>
internal sealed class SessionVerifier(KeyLookup lookup)
{
    /// <param name="keyId">Of the key.</param>
    /// <param name="secretNumber">Of the secret that was presented, as the decision said it.</param>
    /// <param name="address">From where he comes now.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    public async ValueTask<ApiKeyDecision> VerifyAsync(string keyId, int secretNumber, IPAddress? address, CancellationToken cancellationToken)
    {
        if (!PackedKeyId.TryOf(keyId, out var id))
            return ApiKeyDecision.InvalidKey;

        if (!lookup.TryFind(id, out var found))
            found = await lookup.FindAsync(id, cancellationToken);

        return !found.IsKnown ? ApiKeyDecision.Unavailable
            : found.Key is not { } key ? ApiKeyDecision.InvalidKey
            : KeyDecision.Decide(key, secretNumber, new ApiKeyQuestion(default, address), found.Now);
    }
}
