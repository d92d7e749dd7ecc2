namespace ApiKeys.Server.Keys;

/// <summary>The section <c>KeyPolicy</c>: what new keys look like and how long they live.</summary>
internal sealed class KeyPolicy
{
    public const string SectionName = "KeyPolicy";
    public const int MaxLifetimeDays = 365;
    public const int MaxGracePeriodDays = 90;
    public const int DefaultGracePeriodDays = 7;

    /// <summary>The first part of new values, 2 to 8 lowercase letters; values issued with another one go on working. Default <c>sk</c>.</summary>
    public string Prefix { get; set; } = ApiKeyValue.DefaultPrefix;

    /// <summary>The longest lifetime, in days, that can be given to a key. 1 to 365. Default 365.</summary>
    public int MaxExpiresInDays { get; set; } = MaxLifetimeDays;

    /// <summary>The lifetime, in days, of a key whose creator did not say. 1 to the longest. Default: the longest.</summary>
    public int? DefaultExpiresInDays { get => field ?? MaxExpiresInDays; set; }

    /// <summary>Whether a key may be made that never expires. Default true.</summary>
    public bool AllowNoExpiration { get; set; } = true;

    /// <summary>Everything that is wrong with it, each as one sentence.</summary>
    public IEnumerable<string> Errors()
    {
        if (!ApiKeyValue.IsPrefix(Prefix))
            yield return $"{SectionName}:{nameof(Prefix)} is '{Prefix}' and must be 2 to 8 lowercase letters.";

        if (MaxExpiresInDays is < 1 or > MaxLifetimeDays)
            yield return $"{SectionName}:{nameof(MaxExpiresInDays)} is {MaxExpiresInDays} and must be 1 to {MaxLifetimeDays}.";
        else if (DefaultExpiresInDays < 1 || DefaultExpiresInDays > MaxExpiresInDays)
            yield return $"{SectionName}:{nameof(DefaultExpiresInDays)} is {DefaultExpiresInDays} and must be 1 to {MaxExpiresInDays}.";
    }
}
