using System.Xml.Linq;
using ApiKeys.Server.Database;
using ApiKeys.Server.Model;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Console.Sessions;

/// <summary>
/// Keeps the keys of data protection in the database, for all nodes. They seal what is no secret by itself: a session's name is
/// random, and only a hash of it is stored. Hosts that start at the same moment make one key, not one each that the others learn
/// of a day later: a key is kept only by who knew of all that were there.
/// </summary>
internal sealed class SharedDataProtectionKeys(IDbContextFactory<ApiKeysDbContext> contexts, TimeProvider time) : IXmlRepository
{
    private const int Lock = 1_769_304_712; // of this installation's database

    private int _known;

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var db = contexts.CreateDbContext();
        List<XElement> elements = [.. db.DataProtectionKeys.AsNoTracking().OrderBy(key => key.CreatedAt).Select(key => key.Xml).AsEnumerable().Select(XElement.Parse)];
        _known = elements.Count;
        return elements;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var db = contexts.CreateDbContext();
        using var transaction = db.Database.BeginTransaction();
        db.Database.ExecuteSql($"select pg_advisory_xact_lock({Lock})");
        if (db.DataProtectionKeys.Count() > _known)
            return; // whoever made a key reads them all again, and takes the one that is there

        var now = time.Now();
        db.DataProtectionKeys.Add(new DataProtectionKey
        {
            Id = OrderedIds.Next(now),
            Name = friendlyName,
            Xml = element.ToString(SaveOptions.DisableFormatting),
            CreatedAt = now,
        });
        db.SaveChanges();
        transaction.Commit();
    }
}
