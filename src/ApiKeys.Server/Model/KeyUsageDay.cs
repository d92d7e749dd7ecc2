namespace ApiKeys.Server.Model;

/// <summary>How often a key was used on one day (UTC) by one of its secrets and with one outcome. Written in batches.</summary>
internal sealed class KeyUsageDay
{
    /// <summary>The outcome of a use that was accepted; others are named as the code of their refusal.</summary>
    public const string Accepted = "accepted";

    /// <summary>The outcome of a use with another secret than the current one, or with the one before after its end.</summary>
    public const string InvalidKey = "invalid_key";

    public required Guid ApiKeyId { get; init; }

    public required DateOnly Day { get; init; }

    /// <summary>1 for the key's first, one more with every rotation; 0 for a wrong one.</summary>
    public required int SecretNumber { get; init; }

    public required string Outcome { get; init; }

    public required long Uses { get; init; }

    public required DateTimeOffset FirstAt { get; init; }

    public required DateTimeOffset LastAt { get; init; }
}

/// <summary>From where a key was used lately, by a right secret.</summary>
internal sealed class KeyUsageAddress
{
    /// <summary>How many are remembered of a secret: the latest.</summary>
    public const int MaxPerSecret = 5;

    public required Guid ApiKeyId { get; init; }

    /// <summary>As text, in the one way to write it.</summary>
    public required string Address { get; init; }

    /// <summary>The secret that came from there.</summary>
    public required int SecretNumber { get; init; }

    public required DateTimeOffset At { get; init; }
}
