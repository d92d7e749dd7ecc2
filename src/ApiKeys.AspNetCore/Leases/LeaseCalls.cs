using System.Text.Json.Serialization;

namespace ApiKeys.AspNetCore.Leases;

/// <summary>
/// The lease protocol by HTTP, for those who have no connection to the database: the calls of <see cref="INodeStore"/>, and a stream that
/// says when the log has grown. All times are exact to the microsecond, by which entries of the log are told apart.
/// </summary>
/// <remarks>
/// <code>
/// PUT    /api/v1/nodes/{lease}                    LeaseRegistration → RegisteredLease
/// POST   /api/v1/nodes/{lease}/renewals           LeaseRenewal → Renewal, or 404 where the lease is lost
/// POST   /api/v1/nodes/{lease}/acknowledgements   AppliedEntry → 204, or 409 where the log has to be read
/// DELETE /api/v1/nodes/{lease}                    204; with the key that it was registered with, even if that is not accepted any more
/// GET    /api/v1/nodes/log?from=41&amp;limit=10000    → InvalidationLog
/// GET    /api/v1/nodes/events                     server-sent events: hello (the seconds of a lease), entry (as the database notifies), beat
/// POST   /api/v1/nodes/uses                       RememberedUse[] → 204
/// </code>
/// </remarks>
internal static class LeaseCalls
{
    public const string Path = "/api/v1/nodes";
    public const string Log = "log";
    public const string Events = "events";
    public const string Uses = "uses";
    public const string Renewals = "renewals";
    public const string Acknowledgements = "acknowledgements";

    /// <summary>Asked for in a verification, and answered with <see cref="AnswerTerms"/>.</summary>
    public const string TermsHeader = "X-ApiKeys-Terms";

    /// <summary>The first event, with the seconds of a lease.</summary>
    public const string HelloEvent = "hello";

    /// <summary>The log has grown, by the entry that is told, if one is.</summary>
    public const string EntryEvent = "entry";

    /// <summary>Nothing, every few seconds: who hears nothing for longer is cut off.</summary>
    public const string BeatEvent = "beat";

    public static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(5);
}

internal sealed record LeaseRegistration(int Milliseconds);

internal sealed record RegisteredLease([property: JsonRequired] DateTimeOffset DatabaseTime);

internal sealed record LeaseRenewal(long Beat, long Acked, DateTimeOffset? AckedAt);

internal sealed record AppliedEntry(long Beat, long Seq, DateTimeOffset At);

/// <summary>What an answer of the service is good for.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Applied">The last entry of the log that it heeds in any case.</param>
internal sealed record AnswerTerms([property: JsonRequired] ApiKeyOutcome Outcome, [property: JsonRequired] LogPosition Applied)
{
    /// <summary>Whether it may be remembered under a lease.</summary>
    public bool MayBeKept { get; init; }

    /// <summary>For no longer than this; null for ever.</summary>
    public long? Milliseconds { get; init; }

    /// <summary>Whether it holds for the address alone that was asked for.</summary>
    public bool IsForAddress { get; init; }

    public bool IsByPreviousSecret { get; init; }

    public int SecretNumber { get; init; }

    /// <summary>Of the rate limit, where there is one.</summary>
    public string? Policy { get; init; }

    /// <summary>Of the rate limit, where there is one.</summary>
    public int? WindowSeconds { get; init; }
}

/// <summary>How often a remembered answer was given, since it was told last.</summary>
/// <param name="KeyId">Of the key.</param>
/// <param name="SecretNumber">Which of its secrets it was.</param>
/// <param name="Outcome">What became of the requests.</param>
/// <param name="Uses">How many there were.</param>
/// <param name="Address">From where the last came.</param>
internal sealed record RememberedUse(string KeyId, int SecretNumber, ApiKeyOutcome Outcome, int Uses, string? Address);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LeaseRegistration))]
[JsonSerializable(typeof(RegisteredLease))]
[JsonSerializable(typeof(LeaseRenewal))]
[JsonSerializable(typeof(Renewal))]
[JsonSerializable(typeof(AppliedEntry))]
[JsonSerializable(typeof(InvalidationLog))]
[JsonSerializable(typeof(AnswerTerms))]
[JsonSerializable(typeof(IReadOnlyList<RememberedUse>))]
internal sealed partial class LeaseJson : JsonSerializerContext;
