using System.ComponentModel.DataAnnotations;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Keys;

/// <summary>When, from where and by which secret a key is used, as far back as days are kept.</summary>
internal static class GetKeyUsage
{
    private const string Current = "current";
    private const string Previous = "previous";

    /// <summary>The use of one key; a few seconds behind.</summary>
    public sealed record Response
    {
        /// <example>k_7Fq2mZ81xY4c</example>
        [Required]
        public required string KeyId { get; init; }

        /// <summary>When it was last accepted.</summary>
        public required DateTimeOffset? LastUsedAt { get; init; }

        /// <summary>The last five from where the current secret came, and the previous one; the latest of each first.</summary>
        [Required, MaxLength(2 * KeyUsageAddress.MaxPerSecret)]
        public required IReadOnlyList<AddressUse> LastAddresses { get; init; }

        /// <summary>The current one, and the one before where there was one.</summary>
        [Required, MaxLength(2)]
        public required IReadOnlyList<SecretUse> Secrets { get; init; }

        /// <summary>Those (UTC) on which there was something, the latest first.</summary>
        [Required]
        public required IReadOnlyList<DayUse> Days { get; init; }
    }

    /// <summary>From where a key was used.</summary>
    /// <param name="Address" example="203.0.113.7">An IP address.</param>
    /// <param name="At">When it was last.</param>
    /// <param name="Secret" example="current">Which came from there: `current` or `previous`.</param>
    public sealed record AddressUse(
        [property: Required] string Address, [property: Required] DateTimeOffset At,
        [property: Required, AllowedValues(Current, Previous)] string Secret);

    /// <summary>What a secret was used for.</summary>
    public sealed record SecretUse
    {
        /// <summary>`current`, or `previous`: the one before the last rotation.</summary>
        /// <example>current</example>
        [Required, AllowedValues(Current, Previous)]
        public required string Secret { get; init; }

        /// <summary>When it was last accepted; of the current one, on the days that are kept.</summary>
        public required DateTimeOffset? LastUsedAt { get; init; }

        /// <summary>How often it was accepted.</summary>
        [Required]
        public required long Accepted { get; init; }

        /// <summary>How often it was refused, for whatever reason.</summary>
        [Required]
        public required long Refused { get; init; }

        /// <summary>When somebody first tried it after its grace period, on the days that are kept; null where nobody did.</summary>
        public required DateTimeOffset? TriedSince { get; init; }

        /// <summary>When somebody did so last.</summary>
        public required DateTimeOffset? LastTriedAt { get; init; }
    }

    /// <summary>One day of a key.</summary>
    public sealed record DayUse
    {
        /// <example>2026-03-27</example>
        [Required]
        public required DateOnly Date { get; init; }

        /// <summary>How often it was accepted.</summary>
        [Required]
        public required long Accepted { get; init; }

        /// <summary>How often it was refused, by reason. `invalid_key` are wrong secrets, and the previous one after its end.</summary>
        /// <example>{"rate_limited": 3}</example>
        [Required]
        public required IReadOnlyDictionary<string, long> Refused { get; init; }
    }

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        [FromRoute(Name = "key_id")] string keyId, Caller caller, ApiKeysDbContext db, CancellationToken cancellationToken)
    {
        var key = await db.FindKeyAsync(keyId, caller, cancellationToken);
        if (key is null)
            return Problems.KeyNotFound();

        var uses = await db.KeyUsageDays.AsNoTracking().Where(use => use.ApiKeyId == key.Id).ToListAsync(cancellationToken);
        var addresses = await db.KeyUsageAddresses.AsNoTracking().Where(use => use.ApiKeyId == key.Id)
            .OrderByDescending(use => use.At).ToListAsync(cancellationToken);
        return TypedResults.Ok(new Response
        {
            KeyId = key.KeyId,
            LastUsedAt = key.Usage?.LastUsedAt,
            LastAddresses = [.. LatestOf(addresses, key.SecretNumber, key), .. LatestOf(addresses, key.SecretNumber - 1, key)],
            Secrets = [.. Enumerable.Range(0, key.LastRotatedAt is null ? 1 : 2).Select(age => Of(key.SecretNumber - age, key, uses))],
            Days = [.. uses.GroupBy(use => use.Day).OrderByDescending(day => day.Key).Select(Of)],
        });
    }

    private static IEnumerable<AddressUse> LatestOf(List<KeyUsageAddress> addresses, int secretNumber, ApiKey key) => addresses
        .Where(use => use.SecretNumber == secretNumber).Take(KeyUsageAddress.MaxPerSecret)
        .Select(use => new AddressUse(use.Address, use.At, NameOf(secretNumber, key)));

    private static string NameOf(int secretNumber, ApiKey key) => secretNumber == key.SecretNumber ? Current : Previous;

    private static SecretUse Of(int secretNumber, ApiKey key, List<KeyUsageDay> uses)
    {
        var own = uses.Where(use => use.SecretNumber == secretNumber).ToList();
        var tried = own.Where(use => use.Outcome == KeyUsageDay.InvalidKey).ToList();
        return new SecretUse
        {
            Secret = NameOf(secretNumber, key),
            LastUsedAt = own.Where(use => use.Outcome == KeyUsageDay.Accepted).Select(use => (DateTimeOffset?)use.LastAt)
                .Append(LastUseOf(secretNumber, key)).Max(),
            Accepted = own.Where(use => use.Outcome == KeyUsageDay.Accepted).Sum(use => use.Uses),
            Refused = own.Where(use => use.Outcome != KeyUsageDay.Accepted).Sum(use => use.Uses),
            TriedSince = tried.Min(use => (DateTimeOffset?)use.FirstAt),
            LastTriedAt = tried.Max(use => (DateTimeOffset?)use.LastAt),
        };
    }

    /// <summary>It is kept for longer than days are.</summary>
    private static DateTimeOffset? LastUseOf(int secretNumber, ApiKey key) =>
        secretNumber == key.SecretNumber ? null : key.PreviousLastUsedAt;

    private static DayUse Of(IGrouping<DateOnly, KeyUsageDay> day) => new()
    {
        Date = day.Key,
        Accepted = day.Where(use => use.Outcome == KeyUsageDay.Accepted).Sum(use => use.Uses),
        Refused = day.Where(use => use.Outcome != KeyUsageDay.Accepted).GroupBy(use => use.Outcome)
            .OrderBy(reason => reason.Key, StringComparer.Ordinal).ToDictionary(reason => reason.Key, reason => reason.Sum(use => use.Uses)),
    };
}
