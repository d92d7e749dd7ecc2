using ApiKeys.Server.Database;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Console.Sessions;

/// <summary>
/// Sees to it that there is a key before anybody seals anything. Nodes that start together on an empty database would each make one, and
/// none would read the other's cookies until it looks again, a day later.
/// </summary>
internal sealed class FirstDataProtectionKey(IDbContextFactory<ApiKeysDbContext> contexts, IKeyManager keys)
{
    /// <summary>As data protection itself gives to a key.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    private bool _isThere;

    public async ValueTask EnsureAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _isThere))
            return;

        await using var turn = await ExclusiveTurn.TakeAsync(contexts, cancellationToken);
        if (keys.GetAllKeys().Count == 0)
        {
            var now = TimeProvider.System.GetUtcNow(); // by which data protection goes
            keys.CreateNewKey(activationDate: now, expirationDate: now + Lifetime);
        }

        Volatile.Write(ref _isThere, true);
    }
}
