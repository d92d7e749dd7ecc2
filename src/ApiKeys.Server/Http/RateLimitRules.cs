using System.ComponentModel.DataAnnotations;
using ApiKeys.Server.Model;
using FluentValidation;

namespace ApiKeys.Server.Http;

/// <summary>What a rate limit may be.</summary>
internal sealed class RateLimitRules : AbstractValidator<RateLimit>
{
    public RateLimitRules()
    {
        RuleFor(limit => limit.Requests).InclusiveBetween(1, RateLimit.MaxRequests);
        RuleFor(limit => limit.WindowSeconds).InclusiveBetween(1, RateLimit.MaxWindowSeconds);
    }

    /// <returns>Null where it may be so, or where there is none.</returns>
    public static string? Error(RateLimit? limit) => limit is null || new RateLimitRules().Validate(limit).IsValid
        ? null
        : $"must have 'requests' from 1 to {RateLimit.MaxRequests} and 'window_seconds' from 1 to {RateLimit.MaxWindowSeconds}.";
}

/// <summary>A change of a rate limit.</summary>
internal sealed record RateLimitPatch : Patch
{
    /// <summary>How many, in each window.</summary>
    /// <example>100</example>
    [Range(1, RateLimit.MaxRequests)]
    public int? Requests { get; init => field = Given(value); }

    /// <summary>How long a window is.</summary>
    /// <example>60</example>
    [Range(1, RateLimit.MaxWindowSeconds)]
    public int? WindowSeconds { get; init => field = Given(value); }

    /// <summary>Zero, which no limit can have, stands for what is missing.</summary>
    public RateLimit ApplyTo(RateLimit? old) => new(
        Has(nameof(Requests)) ? Requests ?? 0 : old?.Requests ?? 0,
        Has(nameof(WindowSeconds)) ? WindowSeconds ?? 0 : old?.WindowSeconds ?? 0);
}
