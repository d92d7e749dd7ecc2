namespace ApiKeys.Server.Model;

/// <summary>
/// What an administrator manages: a name, what it may do, and the hash of one current secret and at most one previous one.
/// Every change of state is a method here; each raises <see cref="Version"/>, so that a lost race is seen when saving.
/// </summary>
internal sealed class ApiKey
{
    /// <summary>Whatever time a node takes it to be.</summary>
    private static readonly DateTimeOffset LongAgo = DateTimeOffset.UnixEpoch;

    /// <summary>For the database, which restores every member; anybody else calls <see cref="Create"/>.</summary>
    private ApiKey()
    {
    }

    public Guid Id { get; private init; }

    public string KeyId { get; private init; } = null!;

    public Guid OrganizationId { get; private init; }

    public Organization Organization { get; private init; } = null!;

    /// <summary>The member it acts for; null where it acts for the organization alone.</summary>
    public Guid? OwnerId { get; private set; }

    public Member? Owner { get; private set; }

    /// <summary>Null where it was not asked for, or where somebody has removed the row.</summary>
    public KeyUsage? Usage { get; private set; }

    /// <summary>The first part of the values it was issued with, <c>sk</c> unless configured.</summary>
    public string Prefix { get; private set; } = null!;

    public KeyEnvironment Environment { get; private init; }

    public string Name { get; private set; } = null!;

    public string? Description { get; private set; }

    /// <summary>Granted one by one, sorted, each once.</summary>
    public string[] Scopes { get; private set; } = [];

    /// <summary>Bundles of scopes, sorted, each once; what they hold is looked up in the catalog when the key is used.</summary>
    public string[] Roles { get; private set; } = [];

    public RateLimit? RateLimit { get; private set; }

    /// <summary>CIDR networks that may use it; everybody may where there is none.</summary>
    public string[] AllowedIps { get; private set; } = [];

    public IReadOnlyDictionary<string, string> Metadata { get; private set; } = new Dictionary<string, string>();

    public bool Enabled { get; private set; } = true;

    public SecretHash Secret { get; private set; } = null!;

    /// <summary>1 for the first secret, one more with every rotation: what is counted of a secret stays with it.</summary>
    public int SecretNumber { get; private set; }

    /// <summary>Known beyond its end, so that its use can be told from a wrong one. Null before the first rotation, and of a revoked key.</summary>
    public PreviousSecret? Previous { get; private set; }

    /// <summary>The end of the grace period after the last rotation; null where there was none.</summary>
    public DateTimeOffset? GraceEndsAt => Previous?.ExpiresAt > LastRotatedAt ? Previous.ExpiresAt : null;

    public string CreatedBy { get; private init; } = null!;

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>The first instant at which it is no longer accepted; null where it never expires.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    public DateTimeOffset? LastRotatedAt { get; private set; }

    public DateTimeOffset? RevokedAt { get; private set; }

    public string? RevokedBy { get; private set; }

    public string? RevokedReason { get; private set; }

    /// <summary>1 when made, one more with every change; the concurrency token, and the ETag.</summary>
    public int Version { get; private set; }

    public string KeyPrefix => ApiKeyValue.PrefixOf(Prefix, Environment, KeyId);

    public KeyDetails Details => new()
    {
        Name = Name,
        Description = Description,
        Scopes = Scopes,
        Roles = Roles,
        RateLimit = RateLimit,
        AllowedIps = AllowedIps,
        Metadata = Metadata,
        Enabled = Enabled,
        ExpiresAt = ExpiresAt,
    };

    /// <summary>When the secret before the last rotation was last accepted since then.</summary>
    public DateTimeOffset? PreviousLastUsedAt => Usage?.PreviousLastUsedAt > LastRotatedAt ? Usage.PreviousLastUsedAt : null;

    public static ApiKey Create(KeyFacts facts, string prefix, DateTimeOffset now, out ApiKeyValue value)
    {
        value = ApiKeyValue.Generate(prefix, facts.Environment, KeyIds.Generate());
        var key = new ApiKey
        {
            Id = OrderedIds.Next(now),
            KeyId = value.KeyId,
            OrganizationId = facts.Organization.Id,
            Organization = facts.Organization,
            OwnerId = facts.Owner?.Id,
            Owner = facts.Owner,
            Prefix = prefix,
            Environment = facts.Environment,
            Name = facts.Name,
            Description = facts.Description,
            Scopes = Sorted(facts.Scopes),
            Roles = Sorted(facts.Roles),
            RateLimit = facts.RateLimit,
            AllowedIps = Sorted(facts.AllowedIps),
            Metadata = facts.Metadata,
            Secret = SecretHash.Of(value),
            SecretNumber = 1,
            CreatedBy = facts.CreatedBy,
            CreatedAt = now,
            UpdatedAt = now,
            ExpiresAt = DaysAfter(now, facts.ExpiresInDays),
            Version = 1,
        };
        key.Usage = KeyUsage.Of(key);
        return key;
    }

    /// <summary>
    /// A new secret under the same key id. The old one works until the grace period ends, but not beyond the key's own
    /// expiry, and not again where the key had already expired.
    /// </summary>
    /// <param name="prefix">The first part of the new value.</param>
    /// <param name="graceDays">0 ends the old secret at once.</param>
    /// <param name="expiresInDays">Null leaves the present expiry as it is.</param>
    /// <param name="now">When.</param>
    /// <param name="value">The new value, where the outcome is <see cref="RotateOutcome.Rotated"/>.</param>
    public RotateOutcome Rotate(string prefix, int graceDays, int? expiresInDays, DateTimeOffset now, out ApiKeyValue? value)
    {
        value = null;
        var status = StatusAt(now);
        if (status == KeyStatus.Revoked)
            return RotateOutcome.Revoked;

        if (status == KeyStatus.Expired && expiresInDays is null)
            return RotateOutcome.Expired;

        value = ApiKeyValue.Generate(prefix, Environment, KeyId);
        ExpiresAt = DaysAfter(now, expiresInDays) ?? ExpiresAt;
        var endsAtOnce = graceDays == 0 || status == KeyStatus.Expired;
        Previous = new PreviousSecret { Secret = Secret, ExpiresAt = endsAtOnce ? LongAgo : Earlier(now.AddDays(graceDays), ExpiresAt) };
        Secret = SecretHash.Of(value);
        SecretNumber++;
        Prefix = prefix;
        LastRotatedAt = now;
        Touch(now);
        return RotateOutcome.Rotated;
    }

    /// <summary>Everything in the details is taken over; an earlier expiry is the previous secret's too.</summary>
    /// <returns>False where nothing changes.</returns>
    /// <exception cref="InvalidOperationException">The key was revoked, which is for ever.</exception>
    public bool Edit(KeyDetails details, DateTimeOffset now)
    {
        if (RevokedAt is not null)
            throw new InvalidOperationException("A revoked key is not edited.");

        if (details.IsSameAs(Details))
            return false;

        Name = details.Name;
        Description = details.Description;
        Scopes = Sorted(details.Scopes);
        Roles = Sorted(details.Roles);
        RateLimit = details.RateLimit;
        AllowedIps = Sorted(details.AllowedIps);
        Metadata = details.Metadata;
        Enabled = details.Enabled;
        ExpiresAt = details.ExpiresAt;
        if (Previous is { } previous)
            Previous = previous with { ExpiresAt = Earlier(previous.ExpiresAt, ExpiresAt) };

        Touch(now);
        return true;
    }

    /// <summary>Ends the key and its previous secret for ever.</summary>
    /// <returns>False where it was revoked before: nothing changes then.</returns>
    public bool Revoke(string by, string? reason, DateTimeOffset now)
    {
        if (RevokedAt is not null)
            return false;

        RevokedAt = now;
        RevokedBy = by;
        RevokedReason = reason;
        Previous = null;
        Touch(now);
        return true;
    }

    /// <summary>From now on it belongs to the organization alone.</summary>
    public void Disown(DateTimeOffset now)
    {
        (OwnerId, Owner) = (null, null);
        Touch(now);
    }

    public KeyStatus StatusAt(DateTimeOffset now) =>
        RevokedAt is not null ? KeyStatus.Revoked
        : ExpiresAt <= now ? KeyStatus.Expired
        : !Enabled ? KeyStatus.Disabled
        : KeyStatus.Active;

    private void Touch(DateTimeOffset now)
    {
        UpdatedAt = now;
        Version++;
    }

    private static DateTimeOffset? DaysAfter(DateTimeOffset now, int? days) => days is { } count ? now.AddDays(count) : null;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset? other) => other < one ? other.Value : one;

    private static string[] Sorted(IEnumerable<string> names) => [.. names.Distinct().Order(StringComparer.Ordinal)];
}

internal enum RotateOutcome
{
    Rotated,

    /// <summary>A revoked key stays revoked.</summary>
    Revoked,

    /// <summary>It has expired and no new expiry was given: the new secret would never be accepted.</summary>
    Expired,
}
