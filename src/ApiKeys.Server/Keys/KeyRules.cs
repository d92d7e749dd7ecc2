using ApiKeys.Server.Catalog;
using ApiKeys.Server.Http;
using FluentValidation;

namespace ApiKeys.Server.Keys;

/// <summary>What can be said of a key when it is made and when it is edited.</summary>
internal interface IKeyRequest
{
    string? Name { get; }

    string? Description { get; }

    IReadOnlyList<string>? Scopes { get; }

    IReadOnlyList<string>? Roles { get; }

    int? ExpiresInDays { get; }

    bool IsExpiryGiven { get; }

    IReadOnlyList<string>? AllowedIps { get; }
}

/// <summary>The rules of both.</summary>
internal sealed class KeyRules : AbstractValidator<IKeyRequest>
{
    public const int MaxAllowedIps = 100;
    private const string UnknownNames = "must be in the catalog, and these are not: {Unknown}";

    public KeyRules(ScopeCatalog catalog, KeyPolicy policy)
    {
        RuleFor(r => r.Name).TrimmedText(1, 100);
        RuleFor(r => r.Description).TrimmedText(10, 100);
        RuleFor(r => r.Scopes).Must((_, scopes, context) => AreKnown(scopes, catalog.Scopes.ContainsKey, context)).WithMessage(UnknownNames);
        RuleFor(r => r.Roles).Must((_, roles, context) => AreKnown(roles, catalog.Roles.ContainsKey, context)).WithMessage(UnknownNames);
        RuleFor(r => r.ExpiresInDays).InclusiveBetween(1, policy.MaxExpiresInDays)
            .Must((r, days) => days is not null || !r.IsExpiryGiven || policy.AllowNoExpiration)
            .WithMessage($"must be 1 to {policy.MaxExpiresInDays}: here every key expires.");
        RuleFor(r => r.AllowedIps).Must(ips => ips is null or { Count: <= MaxAllowedIps }).WithMessage($"may be {MaxAllowedIps} at most.");
        RuleForEach(r => r.AllowedIps).Must(text => Networks.TryNormalize(text, out _))
            .WithMessage("is not an IP address such as 203.0.113.7, nor a network such as 203.0.113.0/24 or 2001:db8::/32.");
    }

    /// <summary>The names are an argument of the message: in its text, braces of a client's would be read as arguments.</summary>
    private static bool AreKnown(IReadOnlyList<string>? names, Func<string, bool> isKnown, ValidationContext<IKeyRequest> context)
    {
        var unknown = names?.Where(name => name is null || !isKnown(name)).Select(Shown).ToList() ?? [];
        context.MessageFormatter.AppendArgument("Unknown", string.Join(", ", unknown));
        return unknown.Count == 0;
    }

    private static string Shown(string? name) => name is null || TextRules.IsPlain(name) ? $"'{name}'" : "a name with control characters";
}

/// <summary>What metadata may be, counted in characters (Unicode code points).</summary>
internal sealed class MetadataRules : AbstractValidator<IReadOnlyDictionary<string, string>>
{
    public const int MaxEntries = 50;
    private const int MaxNameLength = 40;
    public const int MaxTextLength = 500;

    public MetadataRules()
    {
        RuleFor(map => map)
            .Must(map => map.Count <= MaxEntries).WithMessage($"may have {MaxEntries} entries at most.")
            .Must(map => map.Keys.All(name => Length(name) is >= 1 and <= MaxNameLength && TextRules.IsPlain(name)))
            .WithMessage($"must have names of 1 to {MaxNameLength} characters, without control characters.")
            .Must(map => map.Values.All(text => text is not null && Length(text) <= MaxTextLength && TextRules.IsPlain(text)))
            .WithMessage($"must have texts of {MaxTextLength} characters at most, not null and without control characters.")
            .Must(map => !map.Any(entry => TextRules.HoldsValue($"{entry.Key} {entry.Value}"))).WithMessage("must not contain an API key.");
    }

    private static int Length(string text) => text.EnumerateRunes().Count();
}
