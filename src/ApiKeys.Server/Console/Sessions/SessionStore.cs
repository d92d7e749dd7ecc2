using System.Security.Cryptography;
using System.Text;
using ApiKeys.Server.Database;
using ApiKeys.Server.Model;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Console.Sessions;

/// <summary>
/// Keeps sessions in the database, where every node finds them and signing out ends them: a copy of the cookie is then worth
/// nothing. The cookie has the session's name, and the database a hash of it.
/// </summary>
internal sealed class SessionStore(IDbContextFactory<ApiKeysDbContext> contexts, TimeProvider time) : ITicketStore
{
    private const int NameLength = 43; // base62, 256 bits

    public async Task<string> StoreAsync(AuthenticationTicket ticket)
    {
        var name = Base62.Random(NameLength);
        await using var db = await contexts.CreateDbContextAsync();
        await ForgetAsync(db);
        db.ConsoleSessions.Add(new ConsoleSession
        {
            Id = IdOf(name),
            Ticket = TicketSerializer.Default.Serialize(ticket),
            ExpiresAt = ticket.Properties.ExpiresUtc!.Value,
        });
        await db.SaveChangesAsync();
        return name;
    }

    public async Task RenewAsync(string key, AuthenticationTicket ticket)
    {
        await using var db = await contexts.CreateDbContextAsync();
        var (id, serialized, end) = (IdOf(key), TicketSerializer.Default.Serialize(ticket), ticket.Properties.ExpiresUtc!.Value);
        await db.ConsoleSessions.Where(session => session.Id == id).ExecuteUpdateAsync(session => session
            .SetProperty(s => s.Ticket, serialized).SetProperty(s => s.ExpiresAt, end));
    }

    public async Task<AuthenticationTicket?> RetrieveAsync(string key)
    {
        await using var db = await contexts.CreateDbContextAsync();
        var (id, now) = (IdOf(key), time.GetUtcNow());
        var ticket = await db.ConsoleSessions.Where(session => session.Id == id && session.ExpiresAt > now)
            .Select(session => session.Ticket).SingleOrDefaultAsync();
        return ticket is null ? null : TicketSerializer.Default.Deserialize(ticket);
    }

    public async Task RemoveAsync(string key)
    {
        await using var db = await contexts.CreateDbContextAsync();
        var id = IdOf(key);
        await db.ConsoleSessions.Where(session => session.Id == id).ExecuteDeleteAsync();
    }

    /// <summary>Those that have ended by themselves.</summary>
    private Task<int> ForgetAsync(ApiKeysDbContext db)
    {
        var now = time.GetUtcNow();
        return db.ConsoleSessions.Where(session => session.ExpiresAt <= now).ExecuteDeleteAsync();
    }

    private static byte[] IdOf(string name) => SHA256.HashData(Encoding.ASCII.GetBytes(name));
}
