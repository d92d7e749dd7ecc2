using ApiKeys.Server.Auditing;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Console.Parts;

/// <summary>How the pages say what was done: <c>rotated the key</c>, or <c>tried to rotate the key</c> where it was refused.</summary>
internal static class AuditWords
{
    private static readonly Dictionary<string, Words> Known = new()
    {
        [AuditActions.KeyCreated] = new("created", "create", "key"),
        [AuditActions.KeyUpdated] = new("edited", "edit", "key"),
        [AuditActions.KeyRotated] = new("rotated", "rotate", "key"),
        [AuditActions.KeyRevoked] = new("revoked", "revoke", "key"),
        [AuditActions.KeyRead] = new("read", "read", "key"),
        [AuditActions.KeysListed] = new("listed", "list", "keys", IsWhole: true),
        [AuditActions.MemberCreated] = new("added", "add", "member"),
        [AuditActions.MemberUpdated] = new("edited", "edit", "member"),
        [AuditActions.MemberRemoved] = new("removed", "remove", "member"),
        [AuditActions.MemberRead] = new("read", "read", "member"),
        [AuditActions.MembersListed] = new("listed", "list", "members", IsWhole: true),
        [AuditActions.OrganizationCreated] = new("created", "create", "organization", "an"),
        [AuditActions.OrganizationUpdated] = new("edited", "edit", "organization", "an"),
        [AuditActions.OrganizationRead] = new("read", "read", "organization", "an"),
        [AuditActions.OrganizationsListed] = new("listed", "list", "organizations", IsWhole: true),
        [AuditActions.CatalogRead] = new("read", "read", "catalog", IsWhole: true),
        [AuditActions.AuditRead] = new("read", "read", "audit log", IsWhole: true),
        [AuditActions.SessionStarted] = new("signed in with", "sign in with", "key"),
    };

    /// <summary>All that one can ask for, in groups such as <c>Key</c>, each with its name and its word.</summary>
    public static IEnumerable<IGrouping<string, (string Action, string Word)>> Choices => Known
        .Select(known => (Action: known.Key, Word: Show.Capital(known.Value.Did)))
        .GroupBy(choice => Show.Capital(choice.Action.Split('.')[0]));

    /// <summary>Who it was: a member, or the key where it acts for nobody.</summary>
    public static string Who(ListAuditEvents.Event e) => e.Actor switch
    {
        { Member: { } member } => member,
        { KeyId: { } keyId } => keyId,
        _ when e.Outcome == AuditOutcome.Success => "The command line",
        _ => "Somebody unknown",
    };

    /// <summary>What he did; the name of what he did it to comes after it.</summary>
    public static string Did(ListAuditEvents.Event e)
    {
        var isDone = e.Outcome == AuditOutcome.Success;
        if (!Known.TryGetValue(e.Action, out var words))
            return isDone ? $"did {e.Action}" : $"tried {e.Action}";

        var article = e.Target.Id is not null || words.IsWhole ? "the" : words.Article;
        return $"{(isDone ? words.Did : $"tried to {words.Do}")} {article} {words.Thing}";
    }

    /// <param name="Did">What was done to it.</param>
    /// <param name="Do">The same, as somebody tried.</param>
    /// <param name="Thing">What it was done to.</param>
    /// <param name="Article">Of a thing that nobody named.</param>
    /// <param name="IsWhole">There is but one.</param>
    private sealed record Words(string Did, string Do, string Thing, string Article = "a", bool IsWhole = false);
}
