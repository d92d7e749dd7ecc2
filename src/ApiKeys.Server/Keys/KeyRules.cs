using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using FluentValidation;

namespace ApiKeys.Server.Keys;

/// <summary>What a rate limit may be.</summary>
internal sealed class RateLimitRules : AbstractValidator<RateLimit>
{
    private const int MaxRequests = 1_000_000_000;
    private const int MaxWindowSeconds = 86_400;

    public RateLimitRules()
    {
        RuleFor(limit => limit.Requests).InclusiveBetween(1, MaxRequests);
        RuleFor(limit => limit.WindowSeconds).InclusiveBetween(1, MaxWindowSeconds);
    }
}

/// <summary>What metadata may be, counted in characters (Unicode code points).</summary>
internal sealed class MetadataRules : AbstractValidator<IReadOnlyDictionary<string, string>>
{
    private const int MaxEntries = 50;
    private const int MaxNameLength = 40;
    private const int MaxTextLength = 500;

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
