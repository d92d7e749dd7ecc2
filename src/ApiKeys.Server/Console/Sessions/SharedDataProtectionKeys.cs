using System.Xml.Linq;
using ApiKeys.Server.Database;
using ApiKeys.Server.Model;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Console.Sessions;

/// <summary>
/// Keeps the keys of data protection in the database, for all nodes. They seal what is no secret by itself: a session's name is
/// random, and only a hash of it is stored.
/// </summary>
internal sealed class SharedDataProtectionKeys(IDbContextFactory<ApiKeysDbContext> contexts, TimeProvider time) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var db = contexts.CreateDbContext();
        return [.. db.DataProtectionKeys.AsNoTracking().OrderBy(key => key.CreatedAt).Select(key => key.Xml).AsEnumerable().Select(XElement.Parse)];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var db = contexts.CreateDbContext();
        var now = time.Now();
        db.DataProtectionKeys.Add(new DataProtectionKey
        {
            Id = OrderedIds.Next(now),
            Name = friendlyName,
            Xml = element.ToString(SaveOptions.DisableFormatting),
            CreatedAt = now,
        });
        db.SaveChanges();
    }
}
